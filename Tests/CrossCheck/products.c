// Products.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "check.h"
#include "exact.h"
#include "pairs.h"

// A product with its right-hand matrix B [numbers, width], width N or 4 H; in pairs, depth counts
// words of two numbers.
typedef struct product {
    const sk_kernels *k;
    sk_gemm g;
    float *b;
    long numbers, rows, panels, width, count;
} product;

// The column of B in place j of a panel, or -1.
static long column_at(const product *x, long panel, long j) {
    long lanes = x->k->lanes, column = panel * 4 * lanes + j, unit = panel * lanes + j % lanes;
    if (x->g.gates) return unit < x->g.columns ? j / lanes * x->g.columns + unit : -1;
    return column < x->g.columns ? column : -1;
}

// Element (m, k) of a plain A.
static long place_in_a(const sk_gemm *g, long m, long k) {
    return k / g->a_block_depth * g->a_block + m * g->a_row + k % g->a_block_depth;
}

// Row k of what A is the transpose of.
static const float *left_row(const sk_gemm *g, long k) {
    if (k < g->rows_before) return g->a_before + k * g->a_row;
    return g->a + (k - g->rows_before) * g->a_row;
}

// Number k along the depth of row m.
static float number_of_a(const product *x, long m, long k) {
    const sk_gemm *g = &x->g;
    bool is_pairs = g->precision == SK_BFLOAT16;
    if (g->a_rows) {
        const float *row = left_row(g, k);
        return is_pairs ? number_in(row + m / 2, m % 2) : row[m];
    }
    if (!is_pairs) return g->a[place_in_a(g, m, k)];
    return number_in(g->a + place_in_a(g, m, k / 2), k % 2);
}

static float *random_left(const sk_gemm *g, long count) {
    return g->precision == SK_BFLOAT16 ? random_pairs(count) : random_floats(count, -1, 1);
}

// The words of a row of `numbers` activations.
static long row_words(const sk_gemm *g, long numbers) {
    return g->precision == SK_BFLOAT16 ? (numbers + 1) / 2 : numbers;
}

// Rows of activations, some of them apart, which end where nothing may be read.
static void make_transposed_left(product *x) {
    sk_gemm *g = &x->g;
    long words = row_words(g, x->rows);
    g->a_rows = x->numbers;
    g->a_row = words + PICK(0, 1, 7);
    if (random_bool()) g->rows_before = random_below(g->a_rows + 1);
    long later = g->a_rows - g->rows_before;
    if (g->rows_before) g->a_before = random_left(g, (g->rows_before - 1) * g->a_row + words);
    g->a = later ? random_left(g, (later - 1) * g->a_row + words) : g->a_before;
    g->scratch = floats(SK_SCRATCH);
}

static bool has_narrow_weights(const sk_gemm *g) {
    return g->precision == SK_BFLOAT16_WEIGHTS || g->precision == SK_INT8_WEIGHTS;
}

static void make_left(product *x) {
    sk_gemm *g = &x->g;
    if (!has_narrow_weights(g) && random_bool()) {
        make_transposed_left(x);
        return;
    }
    long blocks = g->precision == SK_INT8_WEIGHTS ? 1 : PICK(1, 1, 3);
    long inner = (g->depth + blocks - 1) / blocks;
    if (g->precision == SK_BFLOAT16_WEIGHTS && blocks > 1) inner += inner % 2;
    const long step = g->precision == SK_BFLOAT16 ? x->k->pair_step : 1;
    if (blocks > 1) inner = (inner + step - 1) / step * step;
    g->a_row = inner + PICK(0, 1, 7);
    g->a_block_depth = inner;
    bool is_one_block = inner >= g->depth;
    g->a_block = is_one_block ? 0 : x->rows * g->a_row;
    // To the last element that the product reads.
    long count = 0;
    for (long k = 0; k < g->depth; k++) {
        long last = place_in_a(g, x->rows - 1, k);
        if (last >= count) count = last + 1;
    }
    float *a = random_left(g, count);
    // The last word of an odd row of pairs has one number.
    bool is_odd = g->precision == SK_BFLOAT16 && x->numbers % 2;
    for (long m = 0; is_odd && m < x->rows; m++) {
        float *last = a + place_in_a(g, m, g->depth - 1);
        *last = pair_of(number_in(last, 0), 0);
    }
    g->a = a;
}

static void pack_right(product *x) {
    long width = 4 * x->k->lanes;
    float *packed = floats(x->panels * x->g.b_panel);
    for (long i = 0; i < x->panels * x->numbers * width; i++) {
        long p = i / width / x->numbers, k = i / width % x->numbers, j = i % width;
        long column = column_at(x, p, j);
        packed[p * x->g.b_panel + k * width + j] = column < 0 ? 0 : x->b[k * x->width + column];
    }
    x->g.b = packed;
    if (x->g.precision == SK_FLOAT32) return;
    if (x->g.precision == SK_INT8_WEIGHTS) {
        // In place, and not at all with a single number in each column.
        if (x->numbers < 2) return;
        x->k->quantise(packed, x->g.b_panel, packed, x->g.b_panel, x->numbers, 0, x->panels);
        return;
    }
    for (long i = 0; i < x->numbers * x->width; i++) x->b[i] = to_half(x->b[i]);
    x->k->halve(packed, x->g.b_panel, packed, x->g.b_panel, x->numbers, 0, x->panels);
}

static void make_right(product *x) {
    x->g.b_panel = x->numbers * 4 * x->k->lanes + PICK(0, 0, 4) * x->k->lanes;
    x->b = random_floats(x->numbers * x->width, -1, 1);
    pack_right(x);
}

// Whether what was summed may be finished by a chain.
static bool is_finished(const product *x) {
    return !x->g.gates && !x->g.a_rows && !x->g.accumulate;
}

static void make_result(product *x) {
    sk_gemm *g = &x->g;
    long lanes = x->k->lanes;
    if (g->whole && g->gates) {
        g->c_row = 4 * lanes;
        g->c_panel = x->rows * 4 * lanes;
        g->c_group = lanes;
        x->count = x->panels * g->c_panel;
    } else if (g->whole) {
        g->c_row = padded(g->columns) + PICK(0, 16);
        g->c_panel = 4 * lanes;
        g->c_group = lanes;
        x->count = x->rows * g->c_row;
    } else {
        g->c_row = x->width + PICK(0, 3);
        g->c_panel = g->gates ? lanes : 4 * lanes;
        g->c_group = g->gates ? g->columns : lanes;
        x->count = (x->rows - 1) * g->c_row + x->width;
    }
    g->c = random_floats(x->count, -1, 1);
    if (is_finished(x) && random_bool()) g->pre = random_floats(x->count, -1, 1);
}

static sk_precision random_precision(long rows) {
    if (rows > 1) return random_bool() ? SK_FLOAT32 : SK_BFLOAT16;
    return PICK(SK_FLOAT32, SK_BFLOAT16, SK_BFLOAT16_WEIGHTS, SK_INT8_WEIGHTS);
}

static product make_product(
    const sk_kernels *k, long rows, long columns, long depth, sk_precision precision
) {
    product x = {.k = k, .rows = rows, .g = {.columns = columns, .depth = depth}};
    x.g.precision = precision;
    x.numbers = depth;
    if (x.g.precision == SK_BFLOAT16 && depth > 0) x.numbers = 2 * depth - random_bool();
    x.g.gates = random_bool();
    x.g.whole = random_bool();
    x.g.accumulate = random_bool();
    x.width = x.g.gates ? 4 * columns : columns;
    x.panels = panels_of(columns, x.g.gates ? k->lanes : 4 * k->lanes);
    if (random_bool()) x.g.bias = random_floats(x.width, -1, 1);
    if (depth > 0) make_left(&x);
    if (is_finished(&x) && random_bool()) x.g.chain = random_chain(2);
    make_right(&x);
    make_result(&x);
    return x;
}

static void run_gemm(const void *context, long r0, long r1, long begin, long end) {
    const product *x = context;
    x->k->gemm(&x->g, r0, r1, begin, end);
}

static float start_of(const product *x, long at, long column, const float *start) {
    return x->g.accumulate ? start[at] : x->g.bias ? x->g.bias[column] : 0;
}

// Where an element is among all, by which values are dropped.
static long place_of(const product *x, long m, long column) { return m * x->g.columns + column; }

// In pairs the bits are known, since products of two numbers are exact.
static void expect_sum_of_pairs(const product *x, long at, long m, long column, float begin) {
    const sk_gemm *g = &x->g;
    pair_sum pairs = start_pairs(x->k, begin);
    for (long k = 0; k < x->numbers; k += 2) {
        const float *b = x->b + k * x->width + column;
        bool is_pair = k + 1 < x->numbers;
        float odd = is_pair ? number_of_a(x, m, k + 1) : 0;
        add_pair(&pairs, number_of_a(x, m, k), *b, odd, is_pair ? b[x->width] : 0);
    }
    float sum = end_pairs(pairs);
    if (g->pre) expect_same(g->pre + at, &sum, 1, "a sum of pairs");
    bool is_sum = g->accumulate || g->chain.count == 0;
    if (is_sum) expect_same(g->c + at, &sum, 1, "a sum of pairs");
}

// In bytes, too, since integers are exact. A chain is of a sum that is known.
static void expect_sum_of_weights(
    const product *x, long at, long m, long column, float begin
) {
    const sk_gemm *g = &x->g;
    float sum = sum_of_bytes(begin, g->a, x->b + column, x->width, x->numbers);
    bool is_sum = g->accumulate || g->chain.count == 0;
    if (g->pre) expect_same(g->pre + at, &sum, 1, "a sum of bytes");
    if (is_sum) {
        expect_same(g->c + at, &sum, 1, "a sum of bytes");
    } else {
        chain_result y = exact_chain(&g->chain, sum, place_of(x, m, column));
        expect_near(
            g->c[at], y.value, y.growth * 5e-7 * fmax(1, fabs(y.value)), "a finished sum of bytes");
    }
}

// One element; `start` is C before.
static void expect_element(const product *x, long at, long m, long column, const float *start) {
    const sk_gemm *g = &x->g;
    float begin = start_of(x, at, column, start);
    if (g->precision == SK_INT8_WEIGHTS && x->numbers > 1) {
        expect_sum_of_weights(x, at, m, column, begin);
        return;
    }
    if (g->precision == SK_BFLOAT16) expect_sum_of_pairs(x, at, m, column, begin);
    double sum = begin, size = fabs(sum);
    for (long k = 0; k < x->numbers; k++) {
        double term = (double)number_of_a(x, m, k) * x->b[k * x->width + column];
        sum += term;
        size += fabs(term);
    }
    // Each of the multiply-adds (or of both, where they are not fused) rounds once.
    double tolerance = (2 * x->numbers + 2) * 0x1p-24 * size;
    if (g->accumulate) {
        expect_near(g->c[at], sum, tolerance, "a sum");
    } else {
        chain_result y = exact_chain(&g->chain, sum, place_of(x, m, column));
        double rounding = 5e-7 * fmax(1, fabs(y.value));
        expect_near(g->c[at], y.value, y.growth * (tolerance + rounding), "a finished sum");
        if (g->pre) expect_near(g->pre[at], sum, tolerance, "a sum before its chain");
    }
}

static void expect_product(const product *x, const float *start, const float *start_pre) {
    const sk_gemm *g = &x->g;
    long lanes = x->k->lanes, width = 4 * lanes;
    bool *covered = calloc(x->count, sizeof *covered);
    for (long i = 0; i < x->panels * x->rows * width; i++) {
        long p = i / width / x->rows, m = i / width % x->rows, j = i % width;
        long column = column_at(x, p, j);
        bool is_group = column_at(x, p, j / lanes * lanes) >= 0;
        if (column < 0 && !(g->whole && is_group)) continue;
        long at = p * g->c_panel + m * g->c_row + j / lanes * g->c_group + j % lanes;
        covered[at] = true;
        if (column < 0) expect_finite(g->c + at, 1, "the padding of a result");
        else expect_element(x, at, m, column, start);
    }
    expect_untouched(g->c, start, covered, x->count, "what is not part of the result");
    if (g->pre) {
        expect_untouched(g->pre, start_pre, covered, x->count, "what is not before chains");
    }
    free(covered);
}

static void check_product(product x) {
    output outputs[] = {{x.g.c, x.count}, {x.g.pre, x.count}};
    const float *start = copy_floats(x.g.c, x.count);
    const float *start_pre = x.g.pre ? copy_floats(x.g.pre, x.count) : NULL;
    expect_shareable(run_gemm, &x, outputs, x.g.pre ? 2 : 1, x.rows, x.panels);
    expect_product(&x, start, start_pre);
}

void check_gemm(const sk_kernels *k) {
    long rows = random_bool() ? 1 + random_below(33) : PICK(1, 1, 1, 48, 50, 96, 97, 100, 200);
    long columns = odd_size();
    // The checks multiply in simple loops, which an emulator is slow at.
    long depth = PICK(0, 1, 2, 7, 31, 33, 64);
    check_product(make_product(k, rows, columns, depth, random_precision(rows)));
}

// Depths beyond every blocking.
void check_gemm_deep(const sk_kernels *k) {
    long rows = 1 + random_below(13), columns = PICK(1, 7, 16, 17, 64);
    long depth = PICK(257, 520, 1024, 1100, 1600);
    // And more rows than one block: several pieces both ways, or a piece that is as large as can be. And more
    // than the largest block of all.
    if (random_below(8) == 0) rows = PICK(96, 200), columns = 17, depth = PICK(1024, 1100);
    if (random_below(16) == 0) rows = PICK(400, 520), columns = 17, depth = 100;
    check_product(make_product(k, rows, columns, depth, random_precision(rows)));
}

// In float32 alone, as tables that differ in pairs have the same bits.
void check_gemm_float32(const sk_kernels *k) {
    long rows = PICK(1, 6, 17, 33, 97), columns = odd_size(), depth = PICK(1, 7, 33, 130);
    check_product(make_product(k, rows, columns, depth, SK_FLOAT32));
}

// Depths around the block of exact sums, half of the time with the largest sums there are.
void check_gemm_bytes(const sk_kernels *k) {
    long columns = PICK(1, 7, 16, 17, 64, 150), depth = PICK(2, 3, 511, 512, 513, 1024, 1100);
    product x = make_product(k, 1, columns, depth, SK_INT8_WEIGHTS);
    if (random_bool()) {
        float *a = constant_floats(depth, 1), *b = constant_floats(depth * x.width, -1);
        x.g.a = a;
        x.b = b;
        pack_right(&x);
    }
    check_product(x);
}
