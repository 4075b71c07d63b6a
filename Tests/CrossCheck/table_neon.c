// The NEON kernels, with their vector functions.
#if defined(__aarch64__)
#include "isa_neon.c"

#define FUNCTIONS neon_functions
#include "vector_functions_of_table.h"
#endif
