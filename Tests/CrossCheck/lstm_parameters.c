// What surrounds LSTM steps: looked up inputs, and the gradients of parameters.
#include "check.h"
#include "pairs.h"

enum { I, F, G, O };

enum { VOCABULARY = 7 };

typedef struct parameters {
    const sk_kernels *k;
    float *gates, *dw, *db, *dp, *scratch;
    const float *w, *bias, *c_prev, *c;
    const int32_t *tokens;
    long gates_panel, rows, units, panels, stride;
    sk_precision precision;
} parameters;

static parameters make_parameters(const sk_kernels *k) {
    // Either side of where looked-up rows are summed in a copy.
    parameters x = {.k = k, .rows = 1 + random_below(8 * VOCABULARY), .units = odd_size()};
    x.panels = (x.units + k->lanes - 1) / k->lanes;
    x.gates_panel = (x.rows * 4 + PICK(0, 4)) * k->lanes;
    x.stride = padded(x.units) + PICK(0, 16);
    x.tokens = random_tokens(x.rows, VOCABULARY);
    x.gates = random_floats(x.panels * x.gates_panel, -1, 1);
    return x;
}

static long parameter_place(const parameters *x, long row, long gate, long unit) {
    long lanes = x->k->lanes;
    return unit / lanes * x->gates_panel + (row * 4 + gate) * lanes + unit % lanes;
}

static void run_lookup(const void *context, long r0, long r1, long begin, long end) {
    const parameters *x = context;
    if (r0 == r1) return;
    x->k->lstm_lookup(
        x->gates, x->gates_panel, x->tokens, x->rows, x->w, x->bias, x->units, begin, end);
}

static long panel_words(const parameters *x) {
    return x->precision == SK_BFLOAT16 ? x->gates_panel / 2 : x->gates_panel;
}

static void run_parameter_gradients(const void *context, long r0, long r1, long begin, long end) {
    const parameters *x = context;
    // Gradients accumulate: the panels are shared once, not for each range of rows.
    if (r0 != 0 || r1 == 0) return;
    x->k->lstm_lookup_backward(
        x->dw, x->gates, panel_words(x), x->precision, x->tokens, x->rows,
        VOCABULARY, x->units, x->scratch, begin, end);
    x->k->lstm_bias_backward(
        x->db, x->dp, x->gates, panel_words(x), x->precision, x->c_prev, x->c, x->stride, x->rows,
        x->units, begin, end);
}

void check_lstm_lookup(const sk_kernels *k) {
    parameters x = make_parameters(k);
    x.w = random_floats(VOCABULARY * 4 * x.units, -1, 1);
    if (random_bool()) x.bias = random_floats(4 * x.units, -1, 1);
    output gates = {x.gates, x.panels * x.gates_panel};
    expect_shareable(run_lookup, &x, &gates, 1, 1, x.panels);
    for (long i = 0; i < x.rows * 4 * x.units; i++) {
        long unit = i % x.units, gate = i / x.units % 4, row = i / x.units / 4;
        long column = gate * x.units + unit;
        float exact = x.bias ? x.bias[column] : 0;
        if (x.tokens[row] >= 0) exact += x.w[x.tokens[row] * 4 * x.units + column];
        expect_same(x.gates + parameter_place(&x, row, gate, unit), &exact, 1, "a row of W");
    }
    expect_finite(x.gates, gates.count, "the padding of a look-up");
}

static float gradient_at(const parameters *x, long row, long gate, long unit) {
    long place = parameter_place(x, row, gate, unit);
    if (x->precision == SK_FLOAT32) return x->gates[place];
    return number_in(x->gates + place / 2, place % 2);
}

void check_lstm_gradients(const sk_kernels *k) {
    parameters x = make_parameters(k);
    x.precision = random_bool() ? SK_FLOAT32 : SK_BFLOAT16;
    // Rows in pairs lie as those of floats do, every stride halved: here in half of the memory.
    if (x.precision == SK_BFLOAT16) x.gates = random_pairs(x.panels * x.gates_panel / 2);
    long w_count = VOCABULARY * 4 * x.units, b_count = 4 * x.units, p_count = 3 * x.units;
    x.dw = random_floats(w_count, -1, 1);
    x.scratch = floats(SK_SCRATCH);
    x.db = random_floats(b_count, -1, 1);
    bool has_peepholes = random_bool();
    if (has_peepholes) {
        x.dp = random_floats(p_count, -1, 1);
        x.c_prev = random_floats(x.rows * x.stride, -1, 1);
        x.c = random_floats(x.rows * x.stride, -1, 1);
    }
    const float *dw = copy_floats(x.dw, w_count), *db = copy_floats(x.db, b_count);
    const float *dp = has_peepholes ? copy_floats(x.dp, p_count) : NULL;
    output outputs[] = {{x.dw, w_count}, {x.db, b_count}, {x.dp, p_count}};
    expect_shareable(
        run_parameter_gradients, &x, outputs, has_peepholes ? 3 : 2, 1, x.panels);
    for (long i = 0; i < b_count; i++) {
        long gate = i / x.units, unit = i % x.units;
        double b = db[i], p = 0, w[VOCABULARY];
        for (long v = 0; v < VOCABULARY; v++) w[v] = dw[v * b_count + i];
        for (long row = 0; row < x.rows; row++) {
            double dz = gradient_at(&x, row, gate, unit);
            b += dz;
            if (x.tokens[row] >= 0) w[x.tokens[row]] += dz;
            const float *cell = gate == O ? x.c : x.c_prev;
            if (has_peepholes) p += dz * cell[row * x.stride + unit];
        }
        expect_near(x.db[i], b, 1e-5, "db");
        for (long v = 0; v < VOCABULARY; v++) {
            expect_near(x.dw[v * b_count + i], w[v], 1e-5, "dW");
        }
        // Peepholes are those of i, f, o.
        long at = gate == O ? 2 * x.units + unit : i;
        if (has_peepholes && gate != G) expect_near(x.dp[at], dp[at] + p, 1e-5, "dp");
    }
}
