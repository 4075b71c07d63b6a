// Vectors of SK_LANES floats, the same source for every instruction set. The file that includes
// this one names the set by `#pragma clang attribute push(target(...))` and defines SK_LANES.
#pragma once
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/strata_kernels.h"

// Vectors wider than the registers of the portable set are passed only between inlined functions.
#pragma clang diagnostic ignored "-Wpsabi"

enum { L = SK_LANES, W = 4 * SK_LANES };

typedef float vf __attribute__((vector_size(4 * SK_LANES)));
typedef int32_t vi __attribute__((vector_size(4 * SK_LANES)));
typedef double vd __attribute__((vector_size(8 * SK_LANES)));
typedef int64_t vl __attribute__((vector_size(8 * SK_LANES)));
typedef float vf_in_memory __attribute__((vector_size(4 * SK_LANES), aligned(4), may_alias));

#define SK_INLINE static inline __attribute__((always_inline))
#define SK_NOINLINE static __attribute__((noinline))
#define SK_UNROLL _Pragma("clang loop unroll(full)")

SK_INLINE long min_long(long a, long b) { return a < b ? a : b; }
SK_INLINE long max_long(long a, long b) { return a > b ? a : b; }

// x - 0 is x for every float, signed zeros and NaN included, so this folds to a broadcast.
SK_INLINE vf splat(float x) { return x - (vf){0}; }
SK_INLINE vi splat_int(int32_t x) { return x - (vi){0}; }

SK_INLINE vf load(const float *p) { return *(const vf_in_memory *)p; }
SK_INLINE void store(float *p, vf x) { *(vf_in_memory *)p = x; }

// Brings the line of p[offset] closer: for writing, for reading soon, or for reading later, into the second
// cache. The place may lie outside of what p points into, where nothing happens; so no pointer to it is
// formed.
SK_INLINE void fetch_for_writing(const float *p, long offset) {
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)offset * sizeof *p), 1);
}
SK_INLINE void fetch_soon(const float *p, long offset) {
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)offset * sizeof *p), 0, 3);
}
SK_INLINE void fetch_later(const float *p, long offset) {
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)offset * sizeof *p), 0, 2);
}

// Floats of a line of most caches.
enum { LINE = 16 };

// Exactly `count` lanes; the missing ones read as zero. For dense arrays, which have no padding.
SK_INLINE vf load_part(const float *p, long count) {
    float lanes[SK_LANES] = {0};
    for (long i = 0; i < count; i++) lanes[i] = p[i];
    return load(lanes);
}

SK_INLINE void store_part(float *p, vf x, long count) {
    float lanes[SK_LANES];
    store(lanes, x);
    for (long i = 0; i < count; i++) p[i] = lanes[i];
}

SK_INLINE vf load_lanes(const float *p, long count) {
    return count >= L ? load(p) : load_part(p, count);
}

SK_INLINE void store_lanes(float *p, vf x, long count) {
    if (count >= L) store(p, x); else store_part(p, x, count);
}

SK_INLINE vi bits(vf x) { return (vi)x; }
SK_INLINE vf from_bits(vi x) { return (vf)x; }
SK_INLINE vf select(vi mask, vf yes, vf no) {
    return from_bits((mask & bits(yes)) | (~mask & bits(no)));
}

// The first `count` lanes of x, zero in the others.
SK_INLINE vi lane_mask(long count) {
    vi lane;
    SK_UNROLL for (int i = 0; i < SK_LANES; i++) lane[i] = i;
    return lane < splat_int((int32_t)min_long(count, SK_LANES));
}
SK_INLINE vf keep(vf x, vi mask) { return from_bits(bits(x) & mask); }

// These keep a NaN in x (each is one min or max instruction with its operands in this order).
SK_INLINE vf at_most(vf x, float limit) {
    vf bound = splat(limit);
    return select(bound < x, bound, x);
}
SK_INLINE vf at_least(vf x, float limit) {
    vf bound = splat(limit);
    return select(bound > x, bound, x);
}

SK_INLINE vf absolute(vf x) { return from_bits(bits(x) & 0x7fffffff); }
// The magnitude of x (at least zero) with the sign of y.
SK_INLINE vf with_sign(vf x, vf y) { return from_bits(bits(x) | (bits(y) & INT32_MIN)); }
SK_INLINE vf square_root(vf x) { return __builtin_elementwise_sqrt(x); }

SK_INLINE vd widen(vf x) { return __builtin_convertvector(x, vd); }
SK_INLINE vd keep_wide(vd x, vi mask) { return (vd)((vl)x & __builtin_convertvector(mask, vl)); }

// Half by half, in an order that is written here, so that the result does not depend on how a compiler
// would reduce them.
SK_INLINE double sum_lanes(vd x) {
    double sum[SK_LANES];
    memcpy(sum, &x, sizeof sum);
    SK_UNROLL for (int n = L / 2; n > 0; n /= 2) {
        SK_UNROLL for (int i = 0; i < n; i++) sum[i] += sum[i + n];
    }
    return sum[0];
}
