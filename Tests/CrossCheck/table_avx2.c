// The AVX2 kernels, with their vector functions.
#if defined(__x86_64__)
#include "isa_avx2.c"

#define FUNCTIONS avx2_functions
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vector_functions_of_table.h"
#pragma clang attribute pop
#endif
