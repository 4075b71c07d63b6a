// Kernels on flat buffers: parameters, gradients and optimizer state.
#pragma once
#include "simd.h"

static void fill(float *x, float value, long n) {
    for (long i = 0; i < n; i += L) store_lanes(x + i, splat(value), n - i);
}

static void add(float *y, const float *x, long n) {
    for (long i = 0; i < n; i += L) {
        store_lanes(y + i, load_lanes(y + i, n - i) + load_lanes(x + i, n - i), n - i);
    }
}

static double sum_of_squares(const float *x, long n) {
    vd sum[2] = {{0}, {0}};
    for (long i = 0; i < n; i += 2 * L) {
        SK_UNROLL for (int half = 0; half < 2; half++) {
            long at = i + half * L;
            if (at >= n) continue;
            vd next = widen(load_lanes(x + at, n - at));
            sum[half] = next * next + sum[half];
        }
    }
    return sum_lanes(sum[0] + sum[1]);
}

// Infinities and NaN are the floats with every exponent bit set.
SK_INLINE vi not_finite(vf x) { return (bits(x) & 0x7f800000) == 0x7f800000; }

static bool all_finite(const float *x, long n) {
    // In stretches, so that a bad buffer is left early without a branch per vector.
    enum { STRETCH = 64 * SK_LANES };
    for (long begin = 0; begin < n; begin += STRETCH) {
        long end = min_long(begin + STRETCH, n);
        vi bad = {0};
        for (long i = begin; i < end; i += L) bad |= not_finite(load_lanes(x + i, end - i));
        int32_t any = 0;
        for (int i = 0; i < SK_LANES; i++) any |= bad[i];
        if (any) return false;
    }
    return true;
}

typedef struct element { vf w, m, v; } element;

// The gradient after scaling, clipping and regularisation.
SK_INLINE vf effective_gradient(const sk_update *u, vf w, vf g) {
    g = g * u->scale;
    if (u->clip > 0) g = at_least(at_most(g, u->clip), -u->clip);
    g = w * u->l2 + g;
    vf sign = select(w == 0.0f, splat(0), with_sign(splat(1), w));
    return sign * u->l1 + g;
}

SK_INLINE element update_vector(
    const sk_update *u, sk_optimizer_kind kind, bool momentum, element e, vf g
) {
    g = effective_gradient(u, e.w, g);
    e.w = e.w * (1.0f - u->rate * u->decay);
    switch (kind) {
    case SK_SGD:
        if (momentum) {
            e.m = e.m * u->momentum + g;
            g = e.m;
        }
        e.w -= g * u->rate;
        break;
    case SK_NESTEROV:
        e.m = e.m * u->momentum + g;
        e.w -= (e.m * u->momentum + g) * u->rate;
        break;
    case SK_ADAM:
        e.m = e.m * u->beta1 + g * u->rest1;
        e.v = e.v * u->beta2 + (g * g) * u->rest2;
        e.w -= (e.m / u->correction1) * u->rate
            / (square_root(e.v / u->correction2) + u->epsilon);
        break;
    case SK_RMSPROP:
        e.v = e.v * u->beta2 + (g * g) * u->rest2;
        e.w -= g * u->rate / (square_root(e.v) + u->epsilon);
        break;
    case SK_ADAGRAD:
        e.v = g * g + e.v;
        e.w -= g * u->rate / (square_root(e.v) + u->epsilon);
        break;
    }
    return e;
}

// `momentum`: m is used; `square`: v is used.
SK_INLINE void update_all(
    const sk_update *u, sk_optimizer_kind kind, bool momentum, bool square, float *w,
    const float *g, float *m, float *v, long n
) {
    for (long i = 0; i < n; i += L) {
        long valid = n - i;
        element e = {load_lanes(w + i, valid), splat(0), splat(0)};
        if (momentum) e.m = load_lanes(m + i, valid);
        if (square) e.v = load_lanes(v + i, valid);
        e = update_vector(u, kind, momentum, e, load_lanes(g + i, valid));
        store_lanes(w + i, e.w, valid);
        if (momentum) store_lanes(m + i, e.m, valid);
        if (square) store_lanes(v + i, e.v, valid);
    }
}

static void update(
    const sk_update *u, float *w, const float *g, float *m, float *v, long n
) {
    switch (u->kind) {
    case SK_SGD:
        if (u->momentum != 0 && m) update_all(u, SK_SGD, true, false, w, g, m, v, n);
        else update_all(u, SK_SGD, false, false, w, g, m, v, n);
        break;
    case SK_NESTEROV: update_all(u, SK_NESTEROV, true, false, w, g, m, v, n); break;
    case SK_ADAM: update_all(u, SK_ADAM, true, true, w, g, m, v, n); break;
    case SK_RMSPROP: update_all(u, SK_RMSPROP, false, true, w, g, m, v, n); break;
    case SK_ADAGRAD: update_all(u, SK_ADAGRAD, false, true, w, g, m, v, n); break;
    }
}
