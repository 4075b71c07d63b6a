// Whether numbers too small for a full significand are computed with or taken as zero.
#include "include/strata_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Flush results to zero, take operands as zero.
enum { FLUSH = 0x8000 | 0x0040 };

bool sk_flush_denormals(bool on) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(on ? before | FLUSH : before & ~(unsigned)FLUSH);
    return (before & FLUSH) != 0;
}
#elif defined(__aarch64__)
bool sk_flush_denormals(bool on) {
    const unsigned long flush = 1ul << 24;
    unsigned long before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    unsigned long now = on ? before | flush : before & ~flush;
    __asm__ volatile("msr fpcr, %0" : : "r"(now));
    return (before & flush) != 0;
}
#else
bool sk_flush_denormals(bool on) {
    (void)on;
    return false;
}
#endif
