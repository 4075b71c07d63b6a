// The AVX-512 kernels, with their vector functions.
#if defined(__x86_64__)
#include "isa_avx512.c"

#define FUNCTIONS avx512_functions
#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "vector_functions_of_table.h"
#pragma clang attribute pop
#endif
