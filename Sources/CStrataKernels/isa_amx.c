// Kernels for AVX-512 with a matrix unit (AMX) for products in bfloat16.
#if defined(__x86_64__)
#define SK_NAME "amx"
#define SK_FLOAT32_NAME "avx512"
#define SK_TABLE sk_amx_kernels
#define SK_PEAK sk_amx_peak
#define SK_TARGET "amx-tile,amx-bf16,avx512bf16,avx512f,avx512vl,avx512bw,avx512dq,fma,avx2"
#define SK_HAS_BFLOAT16
#define SK_MATRIX_STEP 16
// How many depths of a panel tiles in float32 fetch ahead: where these processors share the caches behind the
// second with many others, they do not bring a panel near enough by themselves.
#define SK_PANEL_AHEAD 8
#include "avx512.h"

#pragma clang attribute push(__attribute__((target(SK_TARGET))), apply_to = function)
#include "table.h"
#pragma clang attribute pop
#endif
