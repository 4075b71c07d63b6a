// Rounding to int8, and its layout.
#include "bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "exact.h"

static long lesser(long a, long b) { return a < b ? a : b; }

quanta quanta_of(const float *x, long stride, long count, float limit) {
    float largest = 0;
    for (long k = 0; k < count; k++) {
        if (!isfinite(x[k * stride])) return (quanta){NAN, 0};
        largest = fmaxf(largest, fabsf(x[k * stride]));
    }
    if (largest < limit * 0x1p-125f) return (quanta){0, 0};
    return (quanta){largest / limit, limit / largest};
}

long integer_of(float x, quanta q) {
    float scaled = x * q.inverse;
    return lrintf(scaled);
}

void quantise_numbers(float *x, long stride, long count, float limit) {
    quanta q = quanta_of(x, stride, count, limit);
    for (long k = 0; k < count; k++) x[k * stride] = integer_of(x[k * stride], q) * q.scale;
}

void quantise_row_numbers(float *x, long count) {
    for (long k = 0; k < count; k += SK_BYTE_BLOCK) {
        quantise_numbers(x + k, 1, lesser(SK_BYTE_BLOCK, count - k), SHORT_LIMIT);
    }
}

float sum_of_bytes(float start, const float *row, const float *column, long stride, long count) {
    quanta weights = quanta_of(column, stride, count, BYTE_LIMIT);
    for (long first = 0; first < count; first += SK_BYTE_BLOCK) {
        long depth = lesser(SK_BYTE_BLOCK, count - first), sum = 0;
        quanta block = quanta_of(row + first, 1, depth, SHORT_LIMIT);
        if (isnan(weights.scale) || isnan(block.scale)) return NAN;
        for (long k = first; k < first + depth; k++) {
            sum += integer_of(row[k], block) * integer_of(column[k * stride], weights);
        }
        expect(labs(sum) <= INT32_MAX, "an integer sum of 32 bits");
        float product = sum;
        product = product * block.scale;
        product = product * weights.scale;
        start = start + product;
    }
    return start;
}

// MARK: Panels

typedef struct quantising {
    const sk_kernels *k;
    float *quantised;
    const float *packed;
    long quantised_panel, panel, depth;
} quantising;

static void run_quantise(const void *context, long r0, long r1, long begin, long end) {
    const quantising *x = context;
    if (r0 == r1) return;
    x->k->quantise(
        x->quantised, x->quantised_panel, x->packed, x->panel, x->depth, begin, end);
}

// A column of ordinary numbers, or one of zeros, of large or tiny ones, with ties, or not finite.
static void draw_column(float *x, long stride, long depth) {
    static const float scales[] = {1, 1, 1, 0, 0x1p+126f, 0x1p-110f, 0x1p-122f, 0x1p-140f};
    const float scale = scales[random_below(8)];
    for (long k = 0; k < depth; k++) x[k * stride] = scale * random_float(-2, 2);
    float *any = x + random_below(depth) * stride;
    switch (random_below(6)) {
    case 0:
        for (long k = 0; k < depth; k++) x[k * stride] = random_below(509) * 0.25f - 63.5f;
        *any = 63.5f;
        break;
    case 1: *any = (const float[]){INFINITY, -INFINITY, NAN, -NAN}[random_below(4)]; break;
    }
}

static void expect_column(const quantising *x, const float *packed, long p, long j) {
    long width = 4 * x->k->lanes;
    const float *column = packed + p * x->panel + j;
    const float *found = x->quantised + p * x->quantised_panel;
    quanta q = quanta_of(column, width, x->depth, BYTE_LIMIT);
    expect(isnan(q.scale) ? isnan(found[j]) : found[j] == q.scale, "the scale of a column");
    const int8_t *bytes = (const int8_t *)(found + width);
    for (long k = 0; k < x->depth + x->depth % 2; k++) {
        bool is_zero = k == x->depth || isnan(q.scale);
        long exact = is_zero ? 0 : integer_of(column[k * width], q);
        expect(bytes[k / 2 * 2 * width + 2 * j + k % 2] == exact, "a byte of a panel");
    }
}

void check_quantise(const sk_kernels *k) {
    long width = 4 * k->lanes, panels = 1 + random_below(4);
    quantising x = {.k = k, .depth = 1 + odd_size()};
    bool in_place = random_bool();
    x.panel = x.depth * width + PICK(0, 0, 4) * k->lanes;
    // Floats for the scales, and for words of two bytes.
    long floats_of_panel = width + (x.depth + 1) / 2 * width / 2;
    x.quantised_panel = in_place ? x.panel : floats_of_panel + PICK(0, 0, 4) * k->lanes;
    float *packed = random_floats(panels * x.panel, -1, 1);
    for (long i = 0; i < panels * width; i++) {
        draw_column(packed + i / width * x.panel + i % width, width, x.depth);
    }
    x.packed = packed;
    x.quantised = floats(panels * x.quantised_panel);
    if (in_place) {
        memcpy(x.quantised, packed, panels * x.panel * sizeof *packed);
        x.packed = x.quantised;
        run_quantise(&x, 0, 1, 0, panels);
    } else {
        output quantised = {x.quantised, panels * x.quantised_panel};
        expect_shareable(run_quantise, &x, &quantised, 1, 1, panels);
    }
    for (long i = 0; i < panels * width; i++) expect_column(&x, packed, i / width, i % width);
}

// MARK: What is not finite

// A row or a column with an infinity or a NaN, in a plain product of one panel.
void check_bytes_not_finite(const sk_kernels *k) {
    long width = 4 * k->lanes, depth = PICK(2, 3, 17, 511, 513, 700);
    float bad = (const float[]){INFINITY, -INFINITY, NAN}[random_below(3)];
    bool in_row = random_bool();
    float *row = random_floats(depth, -1, 1), *packed = random_floats(depth * width, -1, 1);
    long column = random_below(width), at = random_below(depth);
    // A column of zeros does not hide what is in the row.
    for (long i = 0; i < depth; i++) packed[i * width + (column + 1) % width] = 0;
    if (in_row) row[at] = bad;
    else packed[at * width + column] = bad;
    sk_gemm g = {
        .a = row, .a_row = depth, .a_block_depth = depth, .b = packed, .b_panel = depth * width,
        .precision = SK_INT8_WEIGHTS, .c = floats(width), .c_panel = width, .c_row = width,
        .c_group = k->lanes, .depth = depth, .columns = width,
    };
    k->quantise(packed, g.b_panel, packed, g.b_panel, depth, 0, 1);
    k->gemm(&g, 0, 1, 0, 1);
    for (long j = 0; j < width; j++) {
        expect(isnan(g.c[j]) == (in_row || j == column), "a sum that is no number");
    }
}
