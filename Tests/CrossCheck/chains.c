// Chains of functions of single values.
#include <math.h>
#include <string.h>

#include "check.h"
#include "exact.h"

// Rows of two widths of padding, and the part of them that a call is for: from a whole vector to another one, or
// to the end.
typedef struct case_rows {
    long columns, stride, wide_stride;
    long row, row_end, begin, end;
} case_rows;

static case_rows random_case_rows(const sk_kernels *k) {
    case_rows r = {.columns = odd_size(), .row_end = PICK(1, 2, 3, 5, 13)};
    r.row = random_below(r.row_end);
    r.stride = padded(r.columns);
    r.wide_stride = r.stride + 16;
    const long vectors = panels_of(r.columns, k->lanes), first = random_below(vectors);
    const long last = first + 1 + random_below(vectors - first);
    r.begin = first * k->lanes;
    r.end = last == vectors ? r.columns : last * k->lanes;
    return r;
}

// Where vectors of the part end.
static long whole_end(const sk_kernels *k, case_rows r) {
    return panels_of(r.end, k->lanes) * k->lanes;
}

static void expect_part_written(
    const sk_kernels *k, case_rows r, const float *result, const float *start, const char *what
) {
    const long count = r.row_end * r.stride;
    bool *covered = fenced(count * (long)sizeof *covered);
    memset(covered, 0, (size_t)count * sizeof *covered);
    for (long row = r.row; row < r.row_end; row++) {
        for (long j = r.begin; j < whole_end(k, r); j++) covered[row * r.stride + j] = true;
    }
    expect_untouched(result, start, covered, count, what);
    expect_finite(result, count, what);
}

void check_chain(const sk_kernels *k) {
    const case_rows r = random_case_rows(k);
    const long count = r.row_end * r.stride, wide = r.row_end * r.wide_stride;
    const sk_chain c = random_chain(SK_STAGES);
    const float *x = random_floats(wide, -6, 6), *dy = random_floats(wide, -1, 1);
    float *y = random_floats(count, -1, 1), *dx = random_floats(count, -1, 1);
    const float *y0 = copy_floats(y, count), *dx0 = copy_floats(dx, count);
    float *y_in_place = copy_floats(x, wide), *dx_in_place = copy_floats(dy, wide);
    k->transform(
        y, r.stride, x, r.wide_stride, &c, r.columns, r.row, r.row_end, r.begin, r.end);
    k->transform(
        y_in_place, r.wide_stride, y_in_place, r.wide_stride, &c, r.columns, r.row, r.row_end,
        r.begin, r.end);
    const bool of_x = sk_chain_needs_input(&c);
    const float *from_x = of_x ? x : NULL, *from_y = of_x ? NULL : y;
    k->transform_backward(
        dx, r.stride, dy, r.wide_stride, from_x, r.wide_stride, from_y, r.stride, &c, r.columns,
        r.row, r.row_end, r.begin, r.end);
    k->transform_backward(
        dx_in_place, r.wide_stride, dx_in_place, r.wide_stride, from_x, r.wide_stride, from_y,
        r.stride, &c, r.columns, r.row, r.row_end, r.begin, r.end);
    for (long row = r.row; row < r.row_end; row++) {
        for (long j = r.begin; j < r.end; j++) {
            const long at = row * r.stride + j, from = row * r.wide_stride + j;
            const chain_result exact = exact_chain(&c, x[from], row * r.columns + j);
            expect_near(y[at], exact.value, 2e-6 * fmax(1, fabs(exact.value)), "a chain");
            if (exact.is_sure_of_slope) {
                expect_near(dx[at], dy[from] * exact.slope, 2e-5, "the gradient of a chain");
            }
            expect_same(y_in_place + from, y + at, 1, "a chain in place");
            expect_same(dx_in_place + from, dx + at, 1, "a gradient in place");
        }
    }
    expect_part_written(k, r, y, y0, "what a chain writes");
    expect_part_written(k, r, dx, dx0, "what its gradient writes");
}
