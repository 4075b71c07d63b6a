// One LSTM step forward: the recurrent product, summed onto `gates`, and then the cells.
#pragma once
#include "activation.h"
#include "tile.h"

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

// Sigmoid gates and tanh in registers; with `plain` unset, any activations by way of memory.
SK_INLINE void forward_row(
    const sk_lstm_step *s, float *gates, peepholes p, long at, long row, const bool plain
) {
    vf z[4];
    SK_UNROLL for (int g = 0; g < 4; g++) z[g] = load(gates + g * L);
    vf c_prev = load(s->c_prev + at);
    z[0] = p.i * c_prev + z[0];
    z[1] = p.f * c_prev + z[1];
    vf i, f, g, o, c, h;
    if (plain) {
        i = vsigmoid(z[0]);
        f = vsigmoid(z[1]);
        g = vtanh(z[2]);
        c = f * c_prev + i * g;
        o = vsigmoid(p.o * c + z[3]);
        h = o * vtanh(c);
        store(gates, i);
        store(gates + L, f);
        store(gates + 2 * L, g);
        store(gates + 3 * L, o);
    } else {
        float lanes[4 * SK_LANES];
        store(lanes, z[0]);
        store(lanes + L, z[1]);
        store(lanes + 2 * L, z[2]);
        activate_vectors(lanes, 2, s->gate_activation);
        activate_vectors(lanes + 2 * L, 1, s->activation);
        i = load(lanes);
        f = load(lanes + L);
        g = load(lanes + 2 * L);
        c = f * c_prev + i * g;
        z[3] = p.o * c + z[3];
        store(lanes + 2 * L, z[3]);
        store(lanes + 3 * L, c);
        activate_vectors(lanes + 2 * L, 1, s->gate_activation);
        activate_vectors(lanes + 3 * L, 1, s->activation);
        o = load(lanes + 2 * L);
        h = o * load(lanes + 3 * L);
        bool keep_gates = needs_input(s->gate_activation);
        store(gates, keep_gates ? z[0] : i);
        store(gates + L, keep_gates ? z[1] : f);
        store(gates + 2 * L, needs_input(s->activation) ? z[2] : g);
        store(gates + 3 * L, keep_gates ? z[3] : o);
    }
    if (masked(s, row)) {
        c = c_prev;
        h = load(s->h_prev + at);
    }
    store(s->c + at, c);
    store(s->h + at, h);
}

SK_INLINE void forward_rows(
    const sk_lstm_step *s, long panel, long row_begin, long row_end, const bool plain
) {
    peepholes p = load_peepholes(s, panel);
    float *gates = s->gates + panel * s->gates_panel;
    for (long row = row_begin; row < row_end; row++) {
        forward_row(s, gates + row * W, p, row * s->stride + panel * L, row, plain);
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

static void lstm_forward(
    const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end
) {
    if (row_begin >= row_end) return;
    for (long panel = panel_begin; panel < panel_end; panel++) {
        panel_product p = {
            .a = s->h_prev, .a_row = s->stride, .a_k = 1, .a_block_depth = s->units,
            .b = s->recurrent + panel * s->units * W,
            .c = s->gates + panel * s->gates_panel, .c_row = W, .c_group = L,
            .depth = s->units, .from_c = true, .full = true,
        };
        multiply_panel(p, row_begin, row_end);
        if (is_plain(s)) forward_plain_cells(s, panel, row_begin, row_end);
        else forward_any_cells(s, panel, row_begin, row_end);
    }
}
