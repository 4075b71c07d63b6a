// Packing of right-hand matrices.
#include "check.h"
#include "pairs.h"

typedef struct packing {
    const sk_kernels *k;
    float *packed;
    const float *matrix;
    long stride, depth, columns;
    sk_precision precision;
} packing;

// Packed element (k, j) of panel p has to be `element`, zero where it says so.
typedef float packed_element(const packing *x, long k, long p, long j);

static void check_packing(packing x, share *run, long depth, long panels, packed_element *element) {
    x.precision = PICK(SK_FLOAT32, SK_BFLOAT16, SK_BFLOAT16_WEIGHTS, SK_INT8_WEIGHTS);
    bool is_pairs = x.precision == SK_BFLOAT16 || x.precision == SK_BFLOAT16_WEIGHTS;
    long words = is_pairs ? (depth + 1) / 2 : depth;
    long width = 4 * x.k->lanes, count = panels * words * width;
    x.packed = floats(count);
    expect_shareable(run, &x, &(output){x.packed, count}, 1, 1, panels);
    for (long i = 0; i < count; i++) {
        long k = i / width % words, p = i / width / words, j = i % width;
        float exact;
        if (is_pairs) {
            bool has_odd = 2 * k + 1 < depth;
            exact = pair_of(
                element(&x, 2 * k, p, j), has_odd ? element(&x, 2 * k + 1, p, j) : 0);
        } else {
            exact = element(&x, k, p, j);
        }
        expect_same(x.packed + i, &exact, 1, "a packed element");
    }
}

// Some beyond the part that is packed before it is rounded.
static long packed_depth(void) { return random_bool() ? odd_size() : PICK(63, 64, 65, 260, 520); }

static void run_pack(const void *context, long r0, long r1, long begin, long end) {
    const packing *x = context;
    if (r0 == r1) return;
    x->k->pack(
        x->packed, x->matrix, x->stride, x->depth, x->columns, x->precision, begin, end);
}

static float plain_element(const packing *x, long k, long p, long j) {
    long column = p * 4 * x->k->lanes + j;
    return column < x->columns ? x->matrix[k * x->stride + column] : 0;
}

void check_pack(const sk_kernels *k) {
    packing x = {.k = k, .depth = packed_depth(), .columns = odd_size()};
    x.stride = x.columns + PICK(0, 1, 5);
    x.matrix = random_floats((x.depth - 1) * x.stride + x.columns, -1, 1);
    check_packing(x, run_pack, x.depth, panels_of(x.columns, 4 * k->lanes), plain_element);
}

static void run_pack_transposed(const void *context, long r0, long r1, long begin, long end) {
    const packing *x = context;
    if (r0 == r1) return;
    x->k->pack_transposed(
        x->packed, x->matrix, x->stride, x->depth, x->columns, x->precision, begin, end);
}

static float transposed_element(const packing *x, long k, long p, long j) {
    long column = p * 4 * x->k->lanes + j;
    return column < x->columns ? x->matrix[column * x->stride + k] : 0;
}

void check_pack_transposed(const sk_kernels *k) {
    packing x = {.k = k, .depth = packed_depth(), .columns = odd_size()};
    x.stride = x.depth + PICK(0, 1, 5);
    x.matrix = random_floats((x.columns - 1) * x.stride + x.depth, -1, 1);
    long panels = panels_of(x.columns, 4 * k->lanes);
    check_packing(x, run_pack_transposed, x.depth, panels, transposed_element);
}

static void run_pack_gates(const void *context, long r0, long r1, long begin, long end) {
    const packing *x = context;
    if (r0 == r1) return;
    x->k->pack_gates(
        x->packed, x->matrix, x->depth, x->columns, x->precision, begin, end);
}

static float gate_element(const packing *x, long k, long p, long j) {
    long lanes = x->k->lanes, unit = p * lanes + j % lanes;
    return unit < x->columns ? x->matrix[(k * 4 + j / lanes) * x->columns + unit] : 0;
}

void check_pack_gates(const sk_kernels *k) {
    packing x = {.k = k, .depth = packed_depth(), .columns = odd_size()};
    x.matrix = random_floats(x.depth * 4 * x.columns, -1, 1);
    check_packing(x, run_pack_gates, x.depth, panels_of(x.columns, k->lanes), gate_element);
}

static void run_pack_gates_transposed(const void *context, long r0, long r1, long begin, long end) {
    const packing *x = context;
    if (r0 == r1) return;
    // Here the stride is the number of units.
    x->k->pack_gates_transposed(
        x->packed, x->matrix, x->columns, x->stride, x->precision, begin, end);
}

static float transposed_gate_element(const packing *x, long k, long p, long j) {
    long lanes = x->k->lanes, unit = k / (4 * lanes) * lanes + k % lanes, gate = k / lanes % 4;
    long column = p * 4 * lanes + j, units = x->stride;
    bool exists = column < x->columns && unit < units;
    return exists ? x->matrix[(column * 4 + gate) * units + unit] : 0;
}

void check_pack_gates_transposed(const sk_kernels *k) {
    packing x = {.k = k, .columns = odd_size(), .stride = odd_size()};
    x.matrix = random_floats(x.columns * 4 * x.stride, -1, 1);
    long width = 4 * k->lanes, panels = panels_of(x.columns, width);
    long depth = panels_of(x.stride, k->lanes) * width;
    check_packing(x, run_pack_gates_transposed, depth, panels, transposed_gate_element);
}
