// Whether numbers too small for a full significand are computed with or taken as zero.
#include "include/strata_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Flush results to zero, take operands as zero.
enum { FLUSH = 0x8000 | 0x0040 };

static unsigned mode(void) { return _mm_getcsr(); }
static void set_mode(unsigned mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
enum { FLUSH = 1 << 24 };

// The register's upper half is reserved and zero.
static unsigned mode(void) {
    unsigned long mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return (unsigned)mode;
}
static void set_mode(unsigned mode) {
    __asm__ volatile("msr fpcr, %0" : : "r"((unsigned long)mode));
}
#else
enum { FLUSH = 0 };

static unsigned mode(void) { return 0; }
static void set_mode(unsigned mode) { (void)mode; }
#endif

unsigned sk_flush_denormals(void) {
    const unsigned before = mode();
    set_mode(before | FLUSH);
    return before & FLUSH;
}

void sk_restore_denormals(unsigned before) { set_mode((mode() & ~(unsigned)FLUSH) | before); }
