// LSTM steps.
#include <math.h>
#include <string.h>

#include "bytes.h"
#include "check.h"
#include "exact.h"
#include "pairs.h"

enum { I, F, G, O };

// A step with its recurrent weights R [H, 4H].
typedef struct step {
    const sk_kernels *k;
    sk_lstm_step s;
    const float *recurrent, *hidden;   // as the product multiplies them
    long batch, panels, gate_count, count;
} step;

static long gate_place(const step *x, long row, long gate, long unit) {
    long lanes = x->k->lanes;
    return unit / lanes * x->s.gates_panel + row * 4 * lanes + gate * lanes + unit % lanes;
}

static bool is_masked(const step *x, long row) { return x->s.mask && x->s.mask[row] == 0; }

static double peephole(const step *x, long which, long unit) {
    return x->s.peephole ? x->s.peephole[which * x->s.units + unit] : 0;
}

static step make_step(const sk_kernels *k, long batch, long units) {
    step x = {.k = k};
    sk_lstm_step *s = &x.s;
    x.batch = batch;
    s->units = units;
    s->stride = padded(s->units) + PICK(0, 16);
    x.panels = (s->units + k->lanes - 1) / k->lanes;
    s->gates_panel = (x.batch * 4 + PICK(0, 0, 4)) * k->lanes;
    x.gate_count = x.panels * s->gates_panel;
    x.count = x.batch * s->stride;
    bool is_plain = random_bool();
    s->activation = is_plain ? SK_TANH : random_activation(SK_TANH);
    s->gate_activation = is_plain ? SK_SIGMOID : random_activation(SK_SIGMOID);
    if (random_bool()) s->peephole = random_floats(3 * s->units, -1, 1);
    if (random_bool()) {
        float *mask = floats(x.batch);
        for (long row = 0; row < x.batch; row++) mask[row] = random_bool();
        s->mask = mask;
    }
    s->h_prev = random_floats(x.count, -1, 1);
    s->c_prev = random_floats(x.count, -1, 1);
    s->gates = random_floats(x.gate_count, -1, 1);
    if (random_bool()) s->rows_ahead = random_bool() ? x.batch : -x.batch;
    return x;
}

static long random_batch(void) { return random_below(4) == 0 ? 1 : 1 + random_below(33); }

// MARK: Forward

static void pack_recurrent(step *x) {
    long units = x->s.units, lanes = x->k->lanes, width = 4 * lanes;
    long panel = units * width;
    float *recurrent = random_floats(units * 4 * units, -0.3f, 0.3f);
    float *packed = floats(x->panels * units * width);
    for (long i = 0; i < x->panels * units * width; i++) {
        long k = i / width % units, gate = i / lanes % 4;
        long unit = i / width / units * lanes + i % lanes;
        packed[i] = unit < units ? recurrent[(k * 4 + gate) * units + unit] : 0;
    }
    x->recurrent = recurrent;
    x->s.recurrent = packed;
    if (x->s.precision == SK_INT8_WEIGHTS && units > 1) {
        x->k->quantise(packed, panel, packed, panel, units, 0, x->panels);
        for (long i = 0; i < 4 * units; i++) {
            quantise_numbers(recurrent + i, 4 * units, units, BYTE_LIMIT);
        }
    }
    if (x->s.precision == SK_FLOAT32 || x->s.precision == SK_INT8_WEIGHTS) return;
    long half_panel = (units + 1) / 2 * width;
    float *halved = floats(x->panels * half_panel);
    x->k->halve(halved, half_panel, packed, panel, units, 0, x->panels);
    x->s.recurrent = halved;
    for (long i = 0; i < units * 4 * units; i++) recurrent[i] = to_half(recurrent[i]);
}

// Draws a precision, and the rows in pairs that it needs.
static void choose_precision(step *x) {
    sk_lstm_step *s = &x->s;
    s->precision = random_bool() ? SK_BFLOAT16 : SK_FLOAT32;
    if (x->batch == 1 && random_bool()) {
        s->precision = random_bool() ? SK_BFLOAT16_WEIGHTS : SK_INT8_WEIGHTS;
    }
    s->half_stride = padded((s->units + 1) / 2) + PICK(0, 16);
    if (random_bool()) s->h_half = random_floats(x->batch * s->half_stride, -1, 1);
    float *hidden = copy_floats(s->h_prev, x->count);
    x->hidden = hidden;
    if (s->precision == SK_INT8_WEIGHTS && s->units > 1) quantise_row_numbers(hidden, s->units);
    if (s->precision != SK_BFLOAT16) return;
    float *h_prev = random_pairs(x->batch * s->half_stride);
    for (long i = 0; i < x->batch * ((s->units + 1) / 2); i++) {
        long row = i % x->batch, unit = i / x->batch * 2;
        const float *h = s->h_prev + row * s->stride + unit;
        h_prev[row * s->half_stride + unit / 2] = pair_of(h[0], unit + 1 < s->units ? h[1] : 0);
    }
    s->h_prev_half = h_prev;
}

// What the recurrent product multiplies.
static double hidden(const step *x, long row, long unit) {
    float h = x->hidden[row * x->s.stride + unit];
    return x->s.precision == SK_BFLOAT16 ? to_half(h) : h;
}

static void expect_half_h(const step *x, const float *before, long row) {
    const sk_lstm_step *s = &x->s;
    const float *h = s->h + row * s->stride;
    long first = row * s->half_stride, end = x->panels * x->k->lanes / 2;
    for (long word = 0; word < end; word++) {
        float numbers[2] = {0, 0};
        for (long place = 0; place < 2; place++) {
            long unit = 2 * word + place;
            if (unit < s->units) numbers[place] = h[unit];
        }
        float exact = pair_of(numbers[0], numbers[1]);
        expect_same(s->h_half + first + word, &exact, 1, "a pair of h");
    }
    const float *rest = before + first + end;
    expect_same(s->h_half + first + end, rest, s->half_stride - end, "pairs beyond the panels");
}

static void run_forward(const void *context, long r0, long r1, long begin, long end) {
    const step *x = context;
    x->k->lstm_forward(&x->s, r0, r1, begin, end);
}

// `before` is what the gates held: x W + b.
static void expect_cell(const step *x, const float *before, long row, long unit) {
    const sk_lstm_step *s = &x->s;
    long at = row * s->stride + unit;
    double z[4], size = 1;
    for (long gate = 0; gate < 4; gate++) {
        z[gate] = before[gate_place(x, row, gate, unit)];
        for (long k = 0; k < s->units; k++) {
            double r = x->recurrent[(k * 4 + gate) * s->units + unit];
            z[gate] += hidden(x, row, k) * r;
            size += fabs(hidden(x, row, k) * r) / 4;
        }
    }
    double c_prev = s->c_prev[at];
    z[I] += peephole(x, 0, unit) * c_prev;
    z[F] += peephole(x, 1, unit) * c_prev;
    double i = exact_activation(s->gate_activation, z[I]);
    double f = exact_activation(s->gate_activation, z[F]);
    double g = exact_activation(s->activation, z[G]);
    double c = f * c_prev + i * g;
    z[O] += peephole(x, 2, unit) * c;
    double o = exact_activation(s->gate_activation, z[O]);
    double y = exact_activation(s->activation, c);
    double stored[4] = {i, f, g, o};
    for (long gate = 0; gate < 4; gate++) {
        sk_activation used = gate == G ? s->activation : s->gate_activation;
        if (sk_activation_needs_input(used)) stored[gate] = z[gate];
    }
    // Errors of factors grow with the others.
    double largest = fmax(fmax(1, fabs(i) + fabs(f)), fmax(fabs(g), fabs(c)));
    double tolerance = 1e-6 * size * largest * fmax(1, fmax(fabs(o), fabs(y)));
    expect_near(s->c[at], c, tolerance, "c");
    expect_near(s->h[at], o * y, tolerance * largest, "h");
    for (long gate = 0; gate < 4; gate++) {
        float found = s->gates[gate_place(x, row, gate, unit)];
        expect_near(found, stored[gate], tolerance, "what a gate keeps");
    }
}

// Cells may take the place of those before.
static void expect_cells_in_place(step *x, const float *before) {
    sk_lstm_step *s = &x->s;
    const float *h = copy_floats(s->h, x->count), *c = s->c;
    s->gates = copy_floats(before, x->gate_count);
    s->c_prev = s->c = copy_floats(s->c_prev, x->count);
    output outputs[] = {{s->gates, x->gate_count}, {s->h, x->count}, {s->c, x->count}};
    expect_shareable(run_forward, x, outputs, 3, x->batch, x->panels);
    expect_same(s->h, h, x->count, "h of cells in place");
    for (long at = 0; at < x->count; at += s->stride) {
        expect_same(s->c + at, c + at, s->units, "c in place");
    }
}

void check_lstm_forward(const sk_kernels *k) {
    // Some with more units than a tile passes at once.
    bool is_deep = random_below(32) == 0;
    step x = make_step(k, is_deep ? 2 + random_below(6) : random_batch(), is_deep ? 1040 : odd_size());
    sk_lstm_step *s = &x.s;
    choose_precision(&x);
    pack_recurrent(&x);
    s->h = random_floats(x.count, -1, 1);
    s->c = random_floats(x.count, -1, 1);
    const float *before = copy_floats(s->gates, x.gate_count);
    const float *h = copy_floats(s->h, x.count), *c = copy_floats(s->c, x.count);
    long half_count = x.batch * s->half_stride;
    const float *half = s->h_half ? copy_floats(s->h_half, half_count) : NULL;
    output outputs[] = {
        {s->gates, x.gate_count}, {s->h, x.count}, {s->c, x.count}, {s->h_half, half_count}};
    expect_shareable(run_forward, &x, outputs, s->h_half ? 4 : 3, x.batch, x.panels);
    for (long row = 0; row < x.batch; row++) {
        long first = row * s->stride, end = first + x.panels * k->lanes;
        for (long unit = 0; unit < s->units && !is_masked(&x, row); unit++) {
            expect_cell(&x, before, row, unit);
        }
        if (is_masked(&x, row)) {
            expect_same(s->h + first, s->h_prev + first, s->units, "h of a masked row");
            expect_same(s->c + first, s->c_prev + first, s->units, "c of a masked row");
        }
        expect_finite(s->h + first, s->stride, "h");
        expect_finite(s->c + first, s->stride, "c");
        expect_same(s->h + end, h + end, first + s->stride - end, "h beyond the panels");
        expect_same(s->c + end, c + end, first + s->stride - end, "c beyond the panels");
        if (half) expect_half_h(&x, half, row);
    }
    expect_cells_in_place(&x, before);
}

// MARK: Backward

// Draws z, and stores of it what forward would have.
static double *store_gates(step *x) {
    sk_lstm_step *s = &x->s;
    double *z = fenced(x->batch * s->units * 4 * sizeof *z);
    for (long i = 0; i < x->batch * s->units * 4; i++) {
        long gate = i % 4, unit = i / 4 % s->units, row = i / 4 / s->units;
        sk_activation f = gate == G ? s->activation : s->gate_activation;
        float input = random_float(-3, 3);
        z[i] = input;
        s->gates[gate_place(x, row, gate, unit)] =
            sk_activation_needs_input(f) ? input : (float)exact_activation(f, input);
    }
    return z;
}

static void run_backward(const void *context, long r0, long r1, long begin, long end) {
    const step *x = context;
    x->k->lstm_backward(&x->s, r0, r1, begin, end);
}

static void expect_gradients(const step *x, const double *z, float dc0, long row, long unit) {
    const sk_lstm_step *s = &x->s;
    long at = row * s->stride + unit;
    double y[4], slope[4], size = 1;
    for (long gate = 0; gate < 4; gate++) {
        sk_activation f = gate == G ? s->activation : s->gate_activation;
        y[gate] = exact_activation(f, z[gate]);
        slope[gate] = exact_slope(f, z[gate]);
        size *= fmax(1, fabs(y[gate]));
    }
    double dh = (double)s->dh_rec[at] + (s->dh ? s->dh[at] : 0), c = s->c[at];
    double dz[4], dc = dc0 + dh * y[O] * exact_slope(s->activation, c);
    dz[O] = dh * exact_activation(s->activation, c) * slope[O];
    dc += dz[O] * peephole(x, 2, unit);
    dz[I] = dc * y[G] * slope[I];
    dz[F] = dc * s->c_prev[at] * slope[F];
    dz[G] = dc * y[I] * slope[G];
    double dc_prev = dc * y[F] + dz[I] * peephole(x, 0, unit) + dz[F] * peephole(x, 1, unit);
    for (long gate = 0; gate < 4; gate++) {
        float found = s->gates[gate_place(x, row, gate, unit)];
        expect_near(found, dz[gate], 2e-6 * size, "the gradient of z");
    }
    expect_near(s->dc[at], dc_prev, 2e-6 * size, "the gradient of c_prev");
    if (s->dh_pass) expect_near(s->dh_pass[at], 0, 0, "what passes a step that counts");
}

static void expect_masked_gradients(const step *x, float dc0, long row, long unit) {
    const sk_lstm_step *s = &x->s;
    long at = row * s->stride + unit;
    double dh = (double)s->dh_rec[at] + (s->dh ? s->dh[at] : 0);
    expect_near(s->dc[at], dc0, 0, "the gradient of c_prev of a masked row");
    expect_near(s->dh_pass[at], dh, 1e-6, "what passes a masked step");
    for (long gate = 0; gate < 4; gate++) {
        float found = s->gates[gate_place(x, row, gate, unit)];
        expect_near(found, 0, 0, "the gradient of z of a masked row");
    }
}

// The same step with its gradients in pairs, which leaves the gates as they are; `before` is dc before.
static void expect_half_gates(step x, const float *gates, const float *before) {
    sk_lstm_step *s = &x.s;
    const float *gradients = s->gates;
    long half_count = x.gate_count / 2;
    s->gates = copy_floats(gates, x.gate_count);
    s->dc = copy_floats(before, x.count);
    s->gates_half = random_floats(half_count, -1, 1);
    output outputs[] = {{s->gates, x.gate_count}, {s->dc, x.count}, {s->gates_half, half_count}};
    expect_shareable(run_backward, &x, outputs, 3, x.batch, x.panels);
    expect_same(s->gates, gates, x.gate_count, "gates beside gradients in pairs");
    for (long i = 0; i < x.batch * 4 * x.panels * x.k->lanes; i++) {
        long row = i % x.batch, gate = i / x.batch % 4, unit = i / x.batch / 4;
        long place = gate_place(&x, row, gate, unit);
        float found = number_in(s->gates_half + place / 2, place % 2);
        float exact = to_half(gradients[place]);
        expect_same(&found, &exact, 1, "a gradient of z in pairs");
    }
}

void check_lstm_backward(const sk_kernels *k) {
    step x = make_step(k, random_batch(), odd_size());
    sk_lstm_step *s = &x.s;
    const double *z = store_gates(&x);
    s->c = random_floats(x.count, -2, 2);
    if (random_bool()) s->dh = random_floats(x.count, -1, 1);
    s->dh_rec = random_floats(x.count, -1, 1);
    s->dc = random_floats(x.count, -1, 1);
    if (s->mask) s->dh_pass = random_floats(x.count, -1, 1);
    const float *dc = copy_floats(s->dc, x.count);
    const float *gates = copy_floats(s->gates, x.gate_count);
    output outputs[3] = {{s->gates, x.gate_count}, {s->dc, x.count}};
    long count = 2;
    if (s->dh_pass) outputs[count++] = (output){s->dh_pass, x.count};
    expect_shareable(run_backward, &x, outputs, count, x.batch, x.panels);
    for (long row = 0; row < x.batch; row++) {
        long first = row * s->stride, end = first + x.panels * k->lanes;
        for (long unit = 0; unit < s->units; unit++) {
            float dc0 = dc[first + unit];
            if (is_masked(&x, row)) expect_masked_gradients(&x, dc0, row, unit);
            else expect_gradients(&x, z + (row * s->units + unit) * 4, dc0, row, unit);
        }
        // A packed matrix has zeros where a unit is missing, which only zeros may meet.
        for (long unit = s->units; unit < x.panels * k->lanes; unit++) {
            for (long gate = 0; gate < 4; gate++) {
                expect_near(s->gates[gate_place(&x, row, gate, unit)], 0, 0, "a missing unit");
            }
        }
        expect_finite(s->dc + first, s->stride, "the gradient of c_prev");
        expect_same(s->dc + end, dc + end, first + s->stride - end, "dc beyond the panels");
    }
    expect_half_gates(x, gates, dc);
}
