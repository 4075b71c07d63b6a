// Kernels for AVX-512: 24 of 32 registers hold sums.
#if defined(__x86_64__)
#define SK_NAME "avx512"
#define SK_TABLE sk_avx512_kernels
#define SK_PEAK sk_avx512_peak
#define SK_LANES 16
#define SK_TILE_ROWS 6
#define SK_DEPTH_BLOCK 256

#define SK_TARGET "avx512f,avx512vl,avx512bw,avx512dq,fma,avx2"

#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
