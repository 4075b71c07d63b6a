// Chains of functions of single values.
#include <math.h>
#include <string.h>

#include "check.h"
#include "exact.h"

// The part of some rows that a call is for: from a whole vector to another one, or to the end.
typedef struct case_rows { long features, stride, row, row_end, begin, end; } case_rows;

// So many that places pass 2^32 within a vector of row 14.
enum { MANY_FEATURES = 306783377 };

static case_rows random_case_rows(const sk_kernels *k) {
    const long columns = odd_size(), vectors = panels_of(columns, k->lanes);
    case_rows r = {.features = columns, .row_end = PICK(1, 2, 3, 5, 13)};
    r.stride = padded(columns) + PICK(0, 16);
    const long first = random_below(vectors), last = first + 1 + random_below(vectors - first);
    r.begin = first * k->lanes;
    r.end = last == vectors ? columns : last * k->lanes;
    if (random_below(4) == 0) {
        r.features = MANY_FEATURES;
        r.end = last * k->lanes;
        r.row_end = 15;
    }
    r.row = random_below(r.row_end);
    return r;
}

static void expect_part_written(
    const sk_kernels *k, case_rows r, const float *result, const float *start, const char *what
) {
    const long count = r.row_end * r.stride, end = panels_of(r.end, k->lanes) * k->lanes;
    bool *covered = fenced(count * (long)sizeof *covered);
    memset(covered, 0, (size_t)count * sizeof *covered);
    for (long row = r.row; row < r.row_end; row++) {
        for (long j = r.begin; j < end; j++) covered[row * r.stride + j] = true;
    }
    expect_untouched(result, start, covered, count, what);
    expect_finite(result, count, what);
}

static void apply(
    const sk_kernels *k, case_rows r, const sk_chain *c, float *y, const float *x
) {
    k->transform(y, x, r.stride, c, r.features, r.row, r.row_end, r.begin, r.end);
}

// From `x` or `y` alone or from neither, as the contract says.
static void differentiate(
    const sk_kernels *k, case_rows r, const sk_chain *c, float *dx, const float *dy,
    const float *x, const float *y
) {
    const bool of_x = sk_chain_needs_input(c);
    const bool of_y = !of_x && c->count > 0 && !c->stages[c->count - 1].drops;
    k->transform_backward(
        dx, dy, of_x ? x : NULL, of_y ? y : NULL, r.stride, c, r.features, r.row, r.row_end,
        r.begin, r.end);
}

void check_chain(const sk_kernels *k) {
    const case_rows r = random_case_rows(k);
    const long count = r.row_end * r.stride;
    const sk_chain c = random_chain(SK_STAGES);
    const float *x = random_floats(count, -6, 6), *dy = random_floats(count, -1, 1);
    float *y = random_floats(count, -1, 1), *dx = random_floats(count, -1, 1);
    const float *y0 = copy_floats(y, count), *dx0 = copy_floats(dx, count);
    float *y_in_place = copy_floats(x, count), *dx_in_place = copy_floats(dy, count);
    apply(k, r, &c, y, x);
    apply(k, r, &c, y_in_place, y_in_place);
    differentiate(k, r, &c, dx, dy, x, y);
    differentiate(k, r, &c, dx_in_place, dx_in_place, x, y);
    for (long row = r.row; row < r.row_end; row++) {
        for (long j = r.begin; j < r.end; j++) {
            const long at = row * r.stride + j;
            const chain_result exact = exact_chain(&c, x[at], row * r.features + j);
            expect_near(y[at], exact.value, 2e-6 * fmax(1, fabs(exact.value)), "a chain");
            if (exact.is_sure_of_slope) {
                expect_near(dx[at], dy[at] * exact.slope, 2e-5, "the gradient of a chain");
            }
            expect_same(y_in_place + at, y + at, 1, "a chain in place");
            expect_same(dx_in_place + at, dx + at, 1, "a gradient in place");
        }
    }
    expect_part_written(k, r, y, y0, "what a chain writes");
    expect_part_written(k, r, dx, dx0, "what its gradient writes");
}
