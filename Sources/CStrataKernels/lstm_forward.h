// One LSTM step forward: the recurrent product, summed onto `gates`, and then the cells.
#pragma once
#include "activation.h"
#include "row.h"

// The peephole weights of one panel's units; zero where there are none.
typedef struct peepholes { vf i, f, o; } peepholes;

SK_INLINE peepholes load_peepholes(const sk_lstm_step *s, long panel) {
    if (!s->peephole) return (peepholes){splat(0), splat(0), splat(0)};
    const float *p = s->peephole + panel * L;
    long valid = min_long(L, s->units - panel * L);
    return (peepholes){
        load_lanes(p, valid), load_lanes(p + s->units, valid), load_lanes(p + 2 * s->units, valid)};
}

SK_INLINE bool masked(const sk_lstm_step *s, long row) { return s->mask && s->mask[row] == 0; }

// Applies an activation by way of memory, for the rare ones.
SK_INLINE vf activated(sk_activation f, vf x) {
    float lanes[SK_LANES];
    store(lanes, x);
    activate_vectors(lanes, 1, f);
    return load(lanes);
}

// With `plain`, sigmoid gates and tanh; otherwise any activations.
SK_INLINE vf gate_value(const sk_lstm_step *s, vf z, const bool plain) {
    return plain ? vsigmoid(z) : activated(s->gate_activation, z);
}
SK_INLINE vf cell_value(const sk_lstm_step *s, vf z, const bool plain) {
    return plain ? vtanh(z) : activated(s->activation, z);
}

// i, f, g and c of one row.
SK_INLINE void forward_cell(
    const sk_lstm_step *s, float *gates, peepholes p, long at, long row, const bool plain
) {
    vf c_prev = load(s->c_prev + at);
    vf z_i = p.i * c_prev + load(gates);
    vf z_f = p.f * c_prev + load(gates + L);
    vf z_g = load(gates + 2 * L);
    vf i = gate_value(s, z_i, plain);
    vf f = gate_value(s, z_f, plain);
    vf g = cell_value(s, z_g, plain);
    bool keep_gates = !plain && needs_input(s->gate_activation);
    bool keep_cell = !plain && needs_input(s->activation);
    store(gates, keep_gates ? z_i : i);
    store(gates + L, keep_gates ? z_f : f);
    store(gates + 2 * L, keep_cell ? z_g : g);
    vf c = f * c_prev + i * g;
    store(s->c + at, masked(s, row) ? c_prev : c);
}

// h of the units from `unit` on as pairs, zero where a unit is missing.
SK_INLINE void store_half_h(const sk_lstm_step *s, vf h, long unit, long row) {
    float *words = s->h_half + row * s->half_stride + unit / 2;
    store_pairs(words, keep(h, lane_mask(s->units - unit)), L);
}

// o and h of one row.
SK_INLINE void forward_output(
    const sk_lstm_step *s, float *gates, peepholes p, long at, long row, const bool plain
) {
    vf c = load(s->c + at);
    vf z_o = p.o * c + load(gates + 3 * L);
    vf o = gate_value(s, z_o, plain);
    store(gates + 3 * L, !plain && needs_input(s->gate_activation) ? z_o : o);
    vf h = o * cell_value(s, c, plain);
    if (masked(s, row)) h = load(s->h_prev + at);
    store(s->h + at, h);
    if (s->h_half) store_half_h(s, h, at - row * s->stride, row);
}

// All cells before all outputs: within a row the second waits for the first, and the processor's
// window is too short to fill that time with the next row.
SK_INLINE void forward_rows(
    const sk_lstm_step *s, long panel, long row_begin, long row_end, const bool plain
) {
    peepholes p = load_peepholes(s, panel);
    float *gates = s->gates + panel * s->gates_panel;
    for (long row = row_begin; row < row_end; row++) {
        forward_cell(s, gates + row * W, p, row * s->stride + panel * L, row, plain);
    }
    for (long row = row_begin; row < row_end; row++) {
        forward_output(s, gates + row * W, p, row * s->stride + panel * L, row, plain);
    }
}

SK_NOINLINE void forward_plain_cells(const sk_lstm_step *s, long panel, long begin, long end) {
    forward_rows(s, panel, begin, end, true);
}

SK_NOINLINE void forward_any_cells(const sk_lstm_step *s, long panel, long begin, long end) {
    forward_rows(s, panel, begin, end, false);
}

SK_INLINE bool is_plain(const sk_lstm_step *s) {
    return s->activation == SK_TANH && s->gate_activation == SK_SIGMOID;
}

SK_INLINE panel_product recurrent_product(const sk_lstm_step *s, long panel) {
    bool pairs = s->precision == SK_BFLOAT16;
    long depth = pairs ? (s->units + 1) / 2 : s->units;
    return (panel_product){
        .a = pairs ? s->h_prev_half : s->h_prev, .a_row = pairs ? s->half_stride : s->stride,
        .a_k = 1, .a_block_depth = depth,
        .b = s->recurrent + panel * s->units * W,
        .c = s->gates + panel * s->gates_panel, .c_row = W, .c_group = L,
        .depth = depth, .lanes = {L, L, L, L}, .from_c = true, .full = true,
        .precision = s->precision,
    };
}

static void lstm_forward(
    const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end
) {
    if (row_begin >= row_end) return;
    for (long panel = panel_begin; panel < panel_end;) {
        long first = panel;
        if (row_end - row_begin == 1) {
            panel_product p[2] = {recurrent_product(s, panel), recurrent_product(s, panel + 1)};
            panel += multiply_row(p, row_begin, panel_end - panel);
        } else {
            panel_product p = recurrent_product(s, panel++);
            multiply_panel(p, 0, p.depth, row_begin, row_end);
        }
        for (long done = first; done < panel; done++) {
            if (is_plain(s)) forward_plain_cells(s, done, row_begin, row_end);
            else forward_any_cells(s, done, row_begin, row_end);
        }
    }
}
