// What the two tables for AVX-512 share. They have one name: the sums of a product in bfloat16 have
// the same bits, whether an instruction makes them or several do (see strata_kernels.h).
#pragma once
#define SK_NAME "avx512"
#define SK_LANES 16
#define SK_TILE_ROWS 6
#define SK_DEPTH_BLOCK 1024
#define SK_MULTIPLY_SHORTS(left, right) __builtin_ia32_pmaddwd512(left, right)
