// The kernels for AVX-512 with bfloat16; their vector functions are those of AVX-512.
#include "isa_avx512bf16.c"
