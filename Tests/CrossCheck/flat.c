// Flat buffers and optimizers.
#include <math.h>

#include "check.h"

static long flat_size(void) { return random_bool() ? odd_size() : PICK(999, 1000, 1027, 5000); }

void check_flat(const sk_kernels *k) {
    long n = flat_size();
    float *x = random_floats(n, -1, 1), *y = random_floats(n, -1, 1), *filled = floats(n);
    const float *y0 = copy_floats(y, n), *threes = constant_floats(n, 3);
    k->fill(filled, 3, n);
    expect_same(filled, threes, n, "a filled buffer");
    k->add(y, x, n);
    double squares = 0;
    for (long i = 0; i < n; i++) {
        float sum = y0[i] + x[i];
        expect_same(y + i, &sum, 1, "a sum of buffers");
        squares += (double)x[i] * x[i];
    }
    expect(fabs(k->sum_of_squares(x, n) - squares) <= 1e-12 * squares, "a sum of squares");
    expect(k->all_finite(x, n), "finite numbers");
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    x[random_bool() ? n - 1 : random_below(n)] = bad[random_below(3)];
    expect(!k->all_finite(x, n), "a number that is not finite");
}

typedef struct element { double w, m, v; } element;

static element exact_update(const sk_update *u, element e, double g) {
    g *= u->scale;
    if (u->clip > 0) g = fmin(u->clip, fmax(-u->clip, g));
    g += u->l2 * e.w + u->l1 * ((e.w > 0) - (e.w < 0));
    e.w *= 1 - (double)u->rate * u->decay;
    switch (u->kind) {
    case SK_SGD:
        if (u->momentum != 0) g = e.m = u->momentum * e.m + g;
        e.w -= u->rate * g;
        break;
    case SK_NESTEROV:
        e.m = u->momentum * e.m + g;
        e.w -= u->rate * (g + u->momentum * e.m);
        break;
    case SK_ADAM:
        e.m = u->beta1 * e.m + (double)u->rest1 * g;
        e.v = u->beta2 * e.v + (double)u->rest2 * g * g;
        e.w -= u->rate * (e.m / u->correction1) / (sqrt(e.v / u->correction2) + u->epsilon);
        break;
    case SK_RMSPROP:
    case SK_ADAGRAD:
        if (u->kind == SK_RMSPROP) e.v = u->beta2 * e.v + (double)u->rest2 * g * g;
        else e.v += g * g;
        e.w -= u->rate * g / (sqrt(e.v) + u->epsilon);
        break;
    }
    return e;
}

void check_update(const sk_kernels *k) {
    long n = flat_size();
    sk_update u = {
        .kind = (sk_optimizer_kind)PICK(SK_SGD, SK_NESTEROV, SK_ADAM, SK_RMSPROP, SK_ADAGRAD),
        .rate = 0.1f, .scale = 0.5f, .clip = random_bool() ? 0.3f : 0, .l1 = 0.01f, .l2 = 0.02f,
        .decay = random_bool() ? 0.03f : 0, .momentum = random_bool() ? 0.9f : 0,
        .beta1 = 0.9f, .beta2 = 0.99f, .rest1 = 0.1f, .rest2 = 0.01f, .epsilon = 1e-3f, .correction1 = 0.19f,
        .correction2 = 0.0199f,
    };
    bool is_plain = u.kind == SK_SGD && u.momentum == 0;
    bool has_m = u.kind == SK_NESTEROV || u.kind == SK_ADAM || (u.kind == SK_SGD && !is_plain);
    bool has_v = u.kind == SK_ADAM || u.kind == SK_RMSPROP || u.kind == SK_ADAGRAD;
    float *w = random_floats(n, -1, 1), *g = random_floats(n, -1, 1);
    float *m = random_floats(n, -1, 1), *v = random_floats(n, 0, 1);
    w[0] = 0;
    const float *w0 = copy_floats(w, n), *m0 = copy_floats(m, n), *v0 = copy_floats(v, n);
    k->update(&u, w, g, has_m ? m : NULL, has_v ? v : NULL, n);
    for (long i = 0; i < n; i++) {
        element e = exact_update(&u, (element){w0[i], m0[i], v0[i]}, g[i]);
        expect_near(w[i], e.w, 2e-6 * fmax(1, fabs(e.w)), "a parameter");
        if (has_m) expect_near(m[i], e.m, 2e-6 * fmax(1, fabs(e.m)), "a momentum");
        if (has_v) expect_near(v[i], e.v, 2e-6 * fmax(1, fabs(e.v)), "a mean of squares");
    }
}
