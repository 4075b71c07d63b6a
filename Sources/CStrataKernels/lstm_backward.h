// One LSTM step backward: the gradients of z, of c_prev, and what passes a masked step.
#pragma once
#include "lstm_forward.h"

// Outputs and slopes of a step's gates (i, f, g, o) and of the cell's activation.
typedef struct cell { vf y[5], slope[5]; } cell;

SK_INLINE cell plain_cell(const float *gates, vf tanh_c) {
    cell r;
    SK_UNROLL for (int g = 0; g < 4; g++) {
        r.y[g] = load(gates + g * L);
        r.slope[g] = activation_slope(g == 2 ? SK_TANH : SK_SIGMOID, r.y[g], r.y[g]);
    }
    r.y[4] = tanh_c;
    r.slope[4] = activation_slope(SK_TANH, tanh_c, tanh_c);
    return r;
}

SK_INLINE cell any_cell(const sk_lstm_step *s, const float *gates, vf c) {
    float y[5 * SK_LANES], slope[5 * SK_LANES];
    SK_UNROLL for (int g = 0; g < 4; g++) store(y + g * L, load(gates + g * L));
    store(y + 4 * L, c);
    // c is an input; the others are what forward stored.
    if (!needs_input(s->activation)) activate_vectors(y + 4 * L, 1, s->activation);
    differentiate_vectors(y, slope, 2, s->gate_activation);
    differentiate_vectors(y + 2 * L, slope + 2 * L, 1, s->activation);
    differentiate_vectors(y + 3 * L, slope + 3 * L, 1, s->gate_activation);
    differentiate_vectors(y + 4 * L, slope + 4 * L, 1, s->activation);
    cell r;
    SK_UNROLL for (int g = 0; g < 5; g++) {
        r.y[g] = load(y + g * L);
        r.slope[g] = load(slope + g * L);
    }
    return r;
}

// The gradients of z of one row: in place of its gates, or elsewhere as pairs where products read them so.
SK_INLINE void store_gradients(const sk_lstm_step *s, float *gates, const vf dz[4]) {
    if (s->gates_half) {
        float *words = s->gates_half + (gates - s->gates) / 2;
        SK_UNROLL for (int g = 0; g < 4; g++) store_pairs(words + g * L / 2, dz[g], L);
    } else {
        SK_UNROLL for (int g = 0; g < 4; g++) store(gates + g * L, dz[g]);
    }
}

// One vector of units, whose outputs and slopes are r, and where it is: `gates`, `at`, `row` of x.
//
// `valid` clears the lanes of missing units, whose inputs are only known to be finite: were their
// gradients not zero, an infinity among them would meet the zeros of a packed matrix.
SK_INLINE void backward_cell(
    const sk_lstm_step *s, cell_block x, const cell *r, peepholes p, vi valid
) {
    if (s->rows_ahead) {
        fetch_gates_ahead(s, x.gates);
        // The next call's c is this one's c_prev.
        fetch_row_ahead(s, s->c_prev + x.at);
        if (s->dh) fetch_row_ahead(s, s->dh + x.at);
    }
    vf dh = load(s->dh_rec + x.at);
    if (s->dh) dh += load(s->dh + x.at);
    if (masked(s, x.row)) {
        if (s->dh_pass) store(s->dh_pass + x.at, dh);
        store_gradients(s, x.gates, (vf[4]){splat(0), splat(0), splat(0), splat(0)});
        return;
    }
    if (s->dh_pass) store(s->dh_pass + x.at, splat(0));
    vf c_prev = load(s->c_prev + x.at), dc = load(s->dc + x.at);
    vf dz_o = dh * r->y[4] * r->slope[3];
    dc = dh * r->y[3] * r->slope[4] + dc;
    dc = dz_o * p.o + dc;
    vf dz_i = dc * r->y[2] * r->slope[0];
    vf dz_f = dc * c_prev * r->slope[1];
    vf dz_g = dc * r->y[0] * r->slope[2];
    dc = dc * r->y[1];
    dc = dz_i * p.i + dc;
    dc = dz_f * p.f + dc;
    store(s->dc + x.at, keep(dc, valid));
    vf dz[4] = {keep(dz_i, valid), keep(dz_f, valid), keep(dz_g, valid), keep(dz_o, valid)};
    store_gradients(s, x.gates, dz);
}

// The peepholes of several vectors, and which of their lanes have units.
typedef struct cell_units { peepholes p[CELL_BLOCK]; vi valid[CELL_BLOCK]; } cell_units;

SK_INLINE void backward_cells(
    const sk_lstm_step *s, cell_block x, const cell_units *units, const int n, const bool plain
) {
    vf c[CELL_BLOCK];
    SK_EACH c[i] = load(s->c + x.at + i * x.next_at);
    if (plain) cell_tanh(c, n);
    SK_EACH {
        const cell_block one = {
            x.gates + i * x.next_gates, x.at + i * x.next_at, x.row + i * x.next_row, 0, 0, 0};
        cell r = plain ? plain_cell(one.gates, c[i]) : any_cell(s, one.gates, c[i]);
        backward_cell(s, one, &r, units->p[i], units->valid[i]);
    }
}

SK_INLINE void backward_rows(
    const sk_lstm_step *step, long panel, long begin, long end, const bool plain, const bool masks
) {
    const sk_lstm_step s = copy_of(step, masks);
    const peepholes p = load_peepholes(&s, panel);
    const vi valid = lane_mask(s.units - panel * L);
    const cell_units units = {{p, p, p}, {valid, valid, valid}};
    SK_FOR_CELLS(begin, end, backward_cells(&s, rows_from(&s, panel, first), &units, N, plain))
}

SK_INLINE void load_units(cell_units *units, const sk_lstm_step *s, long panel, const int n) {
    load_all_peepholes(units->p, s, panel, n);
    SK_EACH units->valid[i] = lane_mask(s->units - (panel + i) * L);
}

SK_INLINE void backward_panels(
    const sk_lstm_step *step, long row, long begin, long end, const bool plain
) {
    const sk_lstm_step s = copy_of(step, true);
    cell_units units;
    SK_FOR_CELLS(begin, end, {
        load_units(&units, &s, first, N);
        backward_cells(&s, panels_from(&s, first, row), &units, N, plain);
    })
}

SK_NOINLINE void backward_plain_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    backward_rows(s, panel, begin, end, true, false);
}
SK_NOINLINE void backward_masked_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    backward_rows(s, panel, begin, end, true, true);
}
SK_NOINLINE void backward_any_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    backward_rows(s, panel, begin, end, false, true);
}

SK_NOINLINE void backward_plain_panels(const sk_lstm_step *s, long row, long begin, long end) {
    backward_panels(s, row, begin, end, true);
}
SK_NOINLINE void backward_any_panels(const sk_lstm_step *s, long row, long begin, long end) {
    backward_panels(s, row, begin, end, false);
}

static void lstm_backward(
    const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end
) {
    if (row_end - row_begin == 1) {
        if (is_plain(s)) backward_plain_panels(s, row_begin, panel_begin, panel_end);
        else backward_any_panels(s, row_begin, panel_begin, panel_end);
        return;
    }
    for (long panel = panel_begin; panel < panel_end; panel++) {
        if (!is_plain(s)) backward_any_rows(s, panel, row_begin, row_end);
        else if (s->mask) backward_masked_rows(s, panel, row_begin, row_end);
        else backward_plain_rows(s, panel, row_begin, row_end);
    }
}
