// Which kernels run on this processor.
#include <stddef.h>
#include <string.h>

#include "tables.h"

static bool always(void) { return true; }

#if defined(__x86_64__)
static bool has_avx512(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
}

static bool has_avx512bf16(void) {
    return has_avx512() && __builtin_cpu_supports("avx512bf16");
}

static bool has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

typedef struct entry {
    const sk_kernels *kernels;
    double (*peak)(sk_precision precision, long iterations);
    bool (*runs_here)(void);
} entry;

// Fastest first. Of two with the same name, the first that runs bears it.
static const entry entries[] = {
#if defined(__x86_64__)
    {&sk_avx512bf16_kernels, sk_avx512bf16_peak, has_avx512bf16},
    {&sk_avx512_kernels, sk_avx512_peak, has_avx512},
    {&sk_avx2_kernels, sk_avx2_peak, has_avx2},
#elif defined(__aarch64__)
    {&sk_neon_kernels, sk_neon_peak, always},
#endif
    {&sk_portable_kernels, sk_portable_peak, always},
};

enum { ENTRY_COUNT = sizeof entries / sizeof *entries };

const sk_kernels *sk_best_kernels(void) {
    for (int i = 0; i < ENTRY_COUNT; i++) {
        if (entries[i].runs_here()) return entries[i].kernels;
    }
    return &sk_portable_kernels;
}

const sk_kernels *sk_kernels_named(const char *name) {
    for (int i = 0; i < ENTRY_COUNT; i++) {
        bool is_named = strcmp(entries[i].kernels->name, name) == 0;
        if (is_named && entries[i].runs_here()) return entries[i].kernels;
    }
    return NULL;
}

bool sk_activation_needs_input(sk_activation f) { return f == SK_GELU || f == SK_SWISH; }

double sk_fma_peak(const sk_kernels *k, sk_precision precision, long iterations) {
    for (int i = 0; i < ENTRY_COUNT; i++) {
        if (entries[i].kernels == k) return entries[i].peak(precision, iterations);
    }
    return 0;
}
