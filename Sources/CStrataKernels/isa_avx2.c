// Kernels for AVX2 with FMA: 12 of 16 registers hold sums.
#if defined(__x86_64__)
#define SK_NAME "avx2"
#define SK_TABLE sk_avx2_kernels
#define SK_PEAK sk_avx2_peak
#define SK_LANES 8
#define SK_TILE_ROWS 3
#define SK_DEPTH_BLOCK 128
#define SK_MULTIPLY_SHORTS(left, right) __builtin_ia32_pmaddwd256(left, right)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
