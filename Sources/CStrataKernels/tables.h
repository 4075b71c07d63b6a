// The tables that this build holds; which of them run here is known only at run time.
#pragma once
#include "include/strata_kernels.h"

#if defined(__x86_64__)
extern const sk_kernels sk_amx_kernels, sk_avx512bf16_kernels, sk_avx512_kernels, sk_avx2_kernels;
double sk_amx_peak(sk_precision precision, long iterations);
double sk_avx512bf16_peak(sk_precision precision, long iterations);
double sk_avx512_peak(sk_precision precision, long iterations);
double sk_avx2_peak(sk_precision precision, long iterations);
#elif defined(__aarch64__)
extern const sk_kernels sk_neon_kernels;
double sk_neon_peak(sk_precision precision, long iterations);
#endif
extern const sk_kernels sk_portable_kernels;
double sk_portable_peak(sk_precision precision, long iterations);
