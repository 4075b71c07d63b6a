// What the tables for AVX-512 share. Those without a matrix unit have one name: the sums of a product in
// bfloat16 have the same bits, whether an instruction makes them or several do (see strata_kernels.h).
#pragma once
#ifndef SK_NAME
#define SK_NAME "avx512"
#endif
#define SK_LANES 16
#define SK_TILE_ROWS 6
#define SK_DEPTH_BLOCK 1024
#define SK_MULTIPLY_SHORTS(left, right) __builtin_ia32_pmaddwd512(left, right)

#ifdef SK_HAS_BFLOAT16
#define SK_ROUND_TO_HALVES(x) \
    __builtin_ia32_cvtneps2bf16_512_mask(x, (v_halves){0}, (unsigned short)-1)
typedef __bf16 v_pairs __attribute__((vector_size(64)));
typedef __bf16 v_halves __attribute__((vector_size(32)));
#endif
