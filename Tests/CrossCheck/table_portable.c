// The portable kernels, with their vector functions.
#include "isa_portable.c"

#define FUNCTIONS portable_functions
#include "vector_functions_of_table.h"
