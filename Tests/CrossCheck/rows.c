// Rows of activations, and losses.
#include <math.h>
#include <string.h>

#include "check.h"
#include "exact.h"

// Rows of a tensor: its padding holds random numbers, as that of a kernel's result may.
//
// With `panel`, the rows may be cut: pieces of 4 L columns of a row are so many floats apart.
typedef struct rows { long rows, columns, stride, count, panel; } rows;

static rows random_rows(void) {
    rows r = {.rows = PICK(1, 2, 3, 5, 13), .columns = odd_size()};
    r.stride = padded(r.columns) + PICK(0, 16);
    r.count = r.rows * r.stride;
    return r;
}

// Rows whole or, as often, in panels that are some rows apart.
static rows random_cut_rows(const sk_kernels *k) {
    rows r = random_rows();
    long width = 4 * k->lanes;
    r.panel = width;
    if (random_bool()) return r;
    r.stride = width;
    r.panel = (r.rows + PICK(0, 1, 3)) * width;
    r.count = (r.columns + width - 1) / width * r.panel;
    return r;
}

// Where an element is.
static long place(const sk_kernels *k, rows r, long row, long column) {
    long width = 4 * k->lanes;
    return column / width * r.panel + row * r.stride + column % width;
}

// The rows one behind the other, without padding.
static float *joined(const sk_kernels *k, rows r, const float *x) {
    float *y = floats(r.rows * r.columns);
    for (long i = 0; i < r.rows * r.columns; i++) {
        y[i] = x[place(k, r, i / r.columns, i % r.columns)];
    }
    return y;
}

// Where vectors of a row may end.
static long row_end(const sk_kernels *k, rows r) {
    return (r.columns + k->lanes - 1) / k->lanes * k->lanes;
}

static void expect_rows_kept(
    const sk_kernels *k, rows r, const float *result, const float *start, const char *what
) {
    for (long row = 0; row < r.rows; row++) {
        long end = row * r.stride + row_end(k, r);
        expect_same(result + end, start + end, (row + 1) * r.stride - end, what);
    }
    expect_finite(result, r.count, what);
}

static void expect_cut_rows_kept(
    const sk_kernels *k, rows r, const float *result, const float *start, const char *what
) {
    bool *covered = fenced(r.count * sizeof *covered);
    memset(covered, 0, r.count * sizeof *covered);
    for (long row = 0; row < r.rows; row++) {
        for (long j = 0; j < row_end(k, r); j++) covered[place(k, r, row, j)] = true;
    }
    expect_untouched(result, start, covered, r.count, what);
    expect_finite(result, r.count, what);
}

void check_softmax(const sk_kernels *k) {
    rows r = random_cut_rows(k);
    float *y = random_floats(r.count, -20, 20), *dx = random_floats(r.count, -1, 1);
    const float *x = copy_floats(y, r.count), *dy = random_floats(r.count, -1, 1);
    const float *dx0 = copy_floats(dx, r.count);
    k->softmax(y, y, r.stride, r.panel, r.rows, r.columns);
    k->softmax_backward(dx, dy, y, r.stride, r.panel, r.rows, r.columns);
    const float *xs = joined(k, r, x), *dys = joined(k, r, dy);
    for (long row = 0; row < r.rows; row++) {
        const float *a = xs + row * r.columns, *d = dys + row * r.columns;
        double sum = 0, mean = 0;
        for (long j = 0; j < r.columns; j++) sum += exp(a[j]);
        for (long j = 0; j < r.columns; j++) mean += d[j] * exp(a[j]) / sum;
        for (long j = 0; j < r.columns; j++) {
            double p = exp(a[j]) / sum;
            long at = place(k, r, row, j);
            // The difference to the largest, up to 40, is rounded to a float.
            expect_near(y[at], p, 4e-6 * p, "softmax");
            expect_near(dx[at], p * (d[j] - mean), 4e-6 * p + 1e-9, "its gradient");
        }
    }
    expect_cut_rows_kept(k, r, y, x, "softmax");
    expect_cut_rows_kept(k, r, dx, dx0, "the gradient of softmax");
}

// The columns of a table are its width, and a share of work.
typedef struct table {
    const sk_kernels *k;
    rows r;
    float *sums;
    const float *dy;
    const int32_t *tokens;
} table;

static void run_scatter(const void *context, long r0, long r1, long begin, long end) {
    const table *x = context;
    if (r0 == r1) return;
    x->k->scatter_add(
        x->sums, x->r.columns, x->dy, x->r.stride, x->tokens, x->r.rows, begin, end);
}

void check_gather(const sk_kernels *k) {
    long vocabulary = 5;
    table x = {.k = k, .r = random_rows()};
    rows r = x.r;
    long count = vocabulary * r.columns;
    const float *values = random_floats(count, -1, 1);
    float *y = random_floats(r.count, -1, 1);
    const float *y0 = copy_floats(y, r.count);
    x.tokens = random_tokens(r.rows, vocabulary);
    k->gather(y, r.stride, values, r.columns, x.tokens, r.rows);
    x.sums = random_floats(count, -1, 1);
    x.dy = random_floats(r.count, -1, 1);
    float *start = copy_floats(x.sums, count);
    expect_shareable(run_scatter, &x, &(output){x.sums, count}, 1, 1, r.columns);
    for (long row = 0; row < r.rows; row++) {
        static const float zero = 0;
        int32_t token = x.tokens[row];
        for (long j = 0; j < r.columns; j++) {
            const float *exact = token < 0 ? &zero : values + token * r.columns + j;
            expect_same(y + row * r.stride + j, exact, 1, "a row of a table");
            if (token >= 0) start[token * r.columns + j] += x.dy[row * r.stride + j];
        }
    }
    expect_same(x.sums, start, count, "sums in a table");
    expect_rows_kept(k, r, y, y0, "rows of a table");
}

static void run_column_sums(const void *context, long r0, long r1, long begin, long end) {
    const table *x = context;
    if (r0 == r1) return;
    x->k->column_sums(x->sums, x->dy, x->r.stride, x->r.rows, begin, end);
}

void check_column_sums(const sk_kernels *k) {
    table x = {.k = k, .r = random_rows()};
    x.dy = random_floats(x.r.count, -1, 1);
    x.sums = random_floats(x.r.columns, -1, 1);
    const float *start = copy_floats(x.sums, x.r.columns);
    expect_shareable(
        run_column_sums, &x, &(output){x.sums, x.r.columns}, 1, 1, x.r.columns);
    for (long j = 0; j < x.r.columns; j++) {
        double sum = start[j];
        for (long row = 0; row < x.r.rows; row++) sum += x.dy[row * x.r.stride + j];
        expect_near(x.sums[j], sum, 1e-5, "a sum of a column");
    }
}

// MARK: Losses

static const float *random_weights(long rows) {
    float *weights = random_floats(rows, 0.5f, 2);
    weights[random_below(rows)] = 0;
    return weights;
}

void check_cross_entropy(const sk_kernels *k) {
    rows r = random_cut_rows(k);
    const float *x = random_floats(r.count, -30, 30), *weights = random_weights(r.rows);
    int32_t *target = random_tokens(r.rows, r.columns);
    float *dx = copy_floats(x, r.count);
    double *loss = fenced(r.rows * sizeof *loss), *alone = fenced(r.rows * sizeof *loss);
    k->softmax_cross_entropy(
        loss, dx, dx, r.stride, r.panel, target, weights, r.rows, r.columns);
    k->softmax_cross_entropy(
        alone, NULL, x, r.stride, r.panel, target, weights, r.rows, r.columns);
    const float *xs = joined(k, r, x);
    for (long row = 0; row < r.rows; row++) {
        const float *a = xs + row * r.columns;
        double top = a[0], sum = 0, w = weights[row];
        bool counts = target[row] >= 0 && w != 0;
        for (long j = 0; j < r.columns; j++) top = fmax(top, a[j]);
        for (long j = 0; j < r.columns; j++) sum += exp(a[j] - top);
        double exact = counts ? log(sum) + top - a[target[row]] : 0;
        expect(fabs(loss[row] - exact) <= 3e-7 * fmax(1, fabs(exact)), "a loss");
        expect(memcmp(loss + row, alone + row, sizeof *loss) == 0, "a loss without gradient");
        for (long j = 0; j < r.columns; j++) {
            double p = exp(a[j] - top) / sum;
            if (j == target[row]) {
                // 1 - p, which would cancel, as the sum of the others.
                p = 0;
                for (long i = 0; i < r.columns; i++) p -= i == j ? 0 : exp(a[i] - top) / sum;
            }
            double gradient = counts ? w * p : 0, tolerance = 6e-6 * fabs(gradient) + 1e-15;
            expect_near(dx[place(k, r, row, j)], gradient, tolerance, "its gradient");
        }
    }
    expect_cut_rows_kept(k, r, dx, x, "the gradient of a loss");
}

static double exact_term(sk_loss kind, double y, double t, double *slope) {
    switch (kind) {
    case SK_MSE:
        *slope = 2 * (y - t);
        return (y - t) * (y - t);
    case SK_MAE:
        *slope = (y > t) - (y < t);
        return fabs(y - t);
    default:
        *slope = 1 / (1 + exp(-y)) - t;
        return fmax(y, 0) + log1p(exp(-fabs(y))) - y * t;
    }
}

// A row's loss; its gradient goes to `gradient`.
static double exact_loss(sk_loss kind, rows r, const float *y, const float *t, double *gradient) {
    double loss = 0, sum = 0, targets = 0;
    for (long j = 0; j < r.columns; j++) sum += exp(y[j]);
    for (long j = 0; j < r.columns; j++) targets += t[j];
    for (long j = 0; j < r.columns; j++) {
        if (kind == SK_CROSS_ENTROPY) {
            gradient[j] = targets * exp(y[j]) / sum - t[j];
            loss -= t[j] * (y[j] - log(sum));
        } else {
            loss += exact_term(kind, y[j], t[j], gradient + j) / r.columns;
            gradient[j] /= r.columns;
        }
    }
    return loss;
}

// Targets between 0 and 1; those of probabilities often sum to 1.
static float *random_targets(sk_loss kind, rows t) {
    float *targets = random_floats(t.count, 0, 1);
    for (long row = 0; row < t.rows && kind == SK_CROSS_ENTROPY; row++) {
        if (PICK(true, false)) continue;
        double sum = 0;
        for (long j = 0; j < t.columns; j++) sum += targets[row * t.stride + j];
        for (long j = 0; j < t.columns; j++) targets[row * t.stride + j] /= (float)sum;
    }
    return targets;
}

void check_dense_loss(const sk_kernels *k) {
    rows r = random_cut_rows(k), t = r;
    t.stride = padded(r.columns) + PICK(0, 16);
    t.count = t.rows * t.stride;
    sk_loss kind =
        (sk_loss)PICK(SK_MSE, SK_MAE, SK_BINARY_CROSS_ENTROPY, SK_CROSS_ENTROPY);
    const float *y = random_floats(r.count, -9, 9);
    const float *targets = random_targets(kind, t), *weights = random_weights(r.rows);
    float *dy = copy_floats(y, r.count);
    double *loss = fenced(r.rows * sizeof *loss), *alone = fenced(r.rows * sizeof *loss);
    double *gradient = fenced(r.columns * sizeof *gradient);
    k->dense_loss(
        loss, dy, dy, r.stride, r.panel, targets, t.stride, kind, weights, r.rows, r.columns);
    k->dense_loss(
        alone, NULL, y, r.stride, r.panel, targets, t.stride, kind, weights, r.rows, r.columns);
    const float *ys = joined(k, r, y);
    for (long row = 0; row < r.rows; row++) {
        double w = weights[row];
        double exact = exact_loss(
            kind, r, ys + row * r.columns, targets + row * t.stride, gradient);
        if (w == 0) exact = 0;
        expect(fabs(loss[row] - exact) <= 1e-6 * fmax(1, fabs(exact)), "a loss");
        expect(memcmp(loss + row, alone + row, sizeof *loss) == 0, "a loss without gradient");
        for (long j = 0; j < r.columns; j++) {
            double slope = w * gradient[j];
            float result = dy[place(k, r, row, j)];
            expect_near(result, slope, 2e-6 * fmax(1, fabs(slope)), "its gradient");
        }
    }
    expect_cut_rows_kept(k, r, dy, y, "the gradient of a loss");
}
