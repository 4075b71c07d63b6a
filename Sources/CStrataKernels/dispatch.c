// Which kernels run on this processor.
#include <stddef.h>
#include <string.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "tables.h"

static bool always(void) { return true; }

#if defined(__x86_64__)
static bool has_avx512(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
}

// Intel's processors run the instruction at half the rate of a multiply-add (measured on one that has a matrix
// unit, too): float32 takes half as long.
static bool has_fast_avx512bf16(void) {
    return has_avx512() && __builtin_cpu_supports("avx512bf16") && !__builtin_cpu_is("intel");
}

// Besides the processor, the system has to allow it: a process asks once for the state of tiles.
static bool has_amx(void) {
#if defined(__linux__)
    enum { REQUEST = 0x1023, TILE_DATA = 18 };
    return has_avx512() && __builtin_cpu_supports("avx512bf16")
        && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16")
        && syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
#else
    return false;
#endif
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
    {&sk_amx_kernels, sk_amx_peak, has_amx},
    {&sk_avx512bf16_kernels, sk_avx512bf16_peak, has_fast_avx512bf16},
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

void sk_chain_add(sk_chain *c, sk_stage stage) { c->stages[c->count++] = stage; }

bool sk_chain_needs_input(const sk_chain *c) {
    for (int i = 0; i < c->count; i++) {
        if (c->stages[i].drops) continue;
        if (i + 1 < c->count || sk_activation_needs_input(c->stages[i].activation)) return true;
    }
    return false;
}

double sk_fma_peak(const sk_kernels *k, sk_precision precision, long iterations) {
    for (int i = 0; i < ENTRY_COUNT; i++) {
        if (entries[i].kernels == k) return entries[i].peak(precision, iterations);
    }
    return 0;
}
