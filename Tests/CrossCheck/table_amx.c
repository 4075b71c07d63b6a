// The kernels for AMX; their vector functions are those of AVX-512.
#include "isa_amx.c"
