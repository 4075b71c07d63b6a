// Kernels for AVX-512 with its instruction for products in bfloat16.
#if defined(__x86_64__)
#define SK_TABLE sk_avx512bf16_kernels
#define SK_PEAK sk_avx512bf16_peak
#define SK_TARGET "avx512bf16,avx512f,avx512vl,avx512bw,avx512dq,fma,avx2"
#define SK_ADD_PAIRS(sum, left, right) \
    __builtin_ia32_dpbf16ps_512(sum, (v_pairs)(left), (v_pairs)(right))
#define SK_ROUND_TO_HALVES(x) \
    __builtin_ia32_cvtneps2bf16_512_mask(x, (v_halves){0}, (unsigned short)-1)
#include "avx512.h"

typedef __bf16 v_pairs __attribute__((vector_size(64)));
typedef __bf16 v_halves __attribute__((vector_size(32)));

#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
