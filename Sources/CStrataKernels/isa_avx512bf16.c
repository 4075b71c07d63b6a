// Kernels for AVX-512 with its instruction for products in bfloat16.
#if defined(__x86_64__)
#define SK_TABLE sk_avx512bf16_kernels
#define SK_PEAK sk_avx512bf16_peak
#define SK_TARGET "avx512bf16,avx512f,avx512vl,avx512bw,avx512dq,fma,avx2"
#define SK_HAS_BFLOAT16
#define SK_ADD_PAIRS(sum, left, right) \
    __builtin_ia32_dpbf16ps_512(sum, (v_pairs)(left), (v_pairs)(right))
#include "avx512.h"

#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
