// Kernels for AVX-512: 24 of 32 registers hold sums.
#if defined(__x86_64__)
#define SK_TABLE sk_avx512_kernels
#define SK_PEAK sk_avx512_peak
#define SK_TARGET "avx512f,avx512vl,avx512bw,avx512dq,fma,avx2"
#include "avx512.h"

#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
