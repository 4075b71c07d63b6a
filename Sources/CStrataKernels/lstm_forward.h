// One LSTM step forward: the recurrent product, summed onto `gates`, and then the cells.
#pragma once
#include "activation.h"
#include "cell_math.h"
#include "int8_row.h"
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
SK_INLINE void activated(sk_activation f, vf *x, const int n) {
    float lanes[CELL_VECTORS * SK_LANES];
    SK_EACH store(lanes + i * L, x[i]);
    activate_vectors(lanes, n, f);
    SK_EACH x[i] = load(lanes + i * L);
}

// With `plain`, sigmoid gates and tanh; otherwise any activations.
SK_INLINE void gate_values(const sk_lstm_step *s, vf *z, const int n, const bool plain) {
    if (plain) cell_sigmoid(z, n); else activated(s->gate_activation, z, n);
}
SK_INLINE void cell_values(const sk_lstm_step *s, vf *z, const int n, const bool plain) {
    if (plain) cell_tanh(z, n); else activated(s->activation, z, n);
}

// The gates, cells and outputs of a few vectors of units: of one panel's in several rows, or of one
// row's in several panels. `gates`, `at` and `row` are those of the first.
typedef struct cell_block {
    float *gates;
    long at, row;
    long next_gates, next_at, next_row;
} cell_block;

SK_INLINE cell_block rows_from(const sk_lstm_step *s, long panel, long row) {
    float *gates = s->gates + panel * s->gates_panel + row * W;
    return (cell_block){gates, row * s->stride + panel * L, row, W, s->stride, 1};
}
SK_INLINE cell_block panels_from(const sk_lstm_step *s, long panel, long row) {
    cell_block x = rows_from(s, panel, row);
    x.next_gates = s->gates_panel;
    x.next_at = L;
    x.next_row = 0;
    return x;
}

// How many vectors of those that are left are computed at once: a single one waits for itself.
SK_INLINE long cell_count(long left) {
    return left == CELL_BLOCK + 1 ? CELL_BLOCK - 1 : min_long(left, CELL_BLOCK);
}

// Runs `body` for all from `begin` on, a few at a time: with `first`, and with `N`, how many they are, a
// constant.
#define SK_FOR_CELLS(begin, end, body)                                                             \
    for (long first = begin, count; first < end; first += count) {                                 \
        count = cell_count(end - first);                                                           \
        switch (count) {                                                                           \
        case 1: { enum { N = 1 }; body; break; }                                                   \
        case 2: { enum { N = 2 }; body; break; }                                                   \
        default: { enum { N = CELL_BLOCK }; body; break; }                                         \
        }                                                                                          \
    }

// Brings what is at the same places of the next step closer: gates of `gates`, and one row each of a few
// others. No processor foresees it: a panel's rows of one step lie together, but those of the next are
// far from the panel that is read next.
SK_INLINE void fetch_gates_ahead(const sk_lstm_step *s, const float *gates) {
    SK_UNROLL for (int i = 0; i < W; i += LINE) fetch_later(gates, s->rows_ahead * W + i);
}
SK_INLINE void fetch_row_ahead(const sk_lstm_step *s, const float *x) {
    fetch_later(x, s->rows_ahead * s->stride);
}

// i, f, g and c.
SK_INLINE void forward_cells(
    const sk_lstm_step *s, cell_block x, const peepholes p[], const int n, const bool plain
) {
    vf z[2 * CELL_BLOCK], z_g[CELL_BLOCK], y[2 * CELL_BLOCK], g[CELL_BLOCK];
    SK_EACH {
        const float *gates = x.gates + i * x.next_gates;
        if (s->rows_ahead) {
            fetch_gates_ahead(s, gates);
            fetch_row_ahead(s, s->c + x.at + i * x.next_at);
            fetch_row_ahead(s, s->h + x.at + i * x.next_at);
        }
        vf c_prev = load(s->c_prev + x.at + i * x.next_at);
        z[2 * i] = y[2 * i] = p[i].i * c_prev + load(gates);
        z[2 * i + 1] = y[2 * i + 1] = p[i].f * c_prev + load(gates + L);
        z_g[i] = g[i] = load(gates + 2 * L);
    }
    gate_values(s, y, 2 * n, plain);
    cell_values(s, g, n, plain);
    bool keep_gates = !plain && needs_input(s->gate_activation);
    bool keep_cell = !plain && needs_input(s->activation);
    SK_EACH {
        float *gates = x.gates + i * x.next_gates;
        long at = x.at + i * x.next_at;
        store(gates, keep_gates ? z[2 * i] : y[2 * i]);
        store(gates + L, keep_gates ? z[2 * i + 1] : y[2 * i + 1]);
        store(gates + 2 * L, keep_cell ? z_g[i] : g[i]);
        vf c_prev = load(s->c_prev + at);
        vf c = y[2 * i + 1] * c_prev + y[2 * i] * g[i];
        store(s->c + at, masked(s, x.row + i * x.next_row) ? c_prev : c);
    }
}

// h of the units from `unit` on as pairs, zero where a unit is missing.
SK_INLINE void store_half_h(const sk_lstm_step *s, vf h, long unit, long row) {
    float *words = s->h_half + row * s->half_stride + unit / 2;
    store_pairs(words, keep(h, lane_mask(s->units - unit)), L);
}

// o and h.
SK_INLINE void forward_outputs(
    const sk_lstm_step *s, cell_block x, const peepholes p[], const int n, const bool plain
) {
    vf z_o[CELL_BLOCK], o[CELL_BLOCK], c[CELL_BLOCK];
    SK_EACH {
        c[i] = load(s->c + x.at + i * x.next_at);
        z_o[i] = o[i] = p[i].o * c[i] + load(x.gates + i * x.next_gates + 3 * L);
    }
    gate_values(s, o, n, plain);
    cell_values(s, c, n, plain);
    bool keep_gates = !plain && needs_input(s->gate_activation);
    SK_EACH {
        long at = x.at + i * x.next_at, row = x.row + i * x.next_row;
        store(x.gates + i * x.next_gates + 3 * L, keep_gates ? z_o[i] : o[i]);
        vf h = masked(s, row) ? load(s->h_prev + at) : o[i] * c[i];
        store(s->h + at, h);
        if (s->h_half) store_half_h(s, h, at - row * s->stride, row);
    }
}

// A step that its functions may take for what no store can change.
SK_INLINE sk_lstm_step copy_of(const sk_lstm_step *step, const bool masks) {
    sk_lstm_step s = *step;
    if (!masks) s.mask = s.dh_pass = NULL;
    return s;
}

// All cells before all outputs: within a vector the second waits for the first.
SK_INLINE void forward_rows(
    const sk_lstm_step *step, long panel, long begin, long end, const bool plain, const bool masks
) {
    const sk_lstm_step s = copy_of(step, masks);
    const peepholes one = load_peepholes(&s, panel), p[CELL_BLOCK] = {one, one, one};
    SK_FOR_CELLS(begin, end, forward_cells(&s, rows_from(&s, panel, first), p, N, plain))
    SK_FOR_CELLS(begin, end, forward_outputs(&s, rows_from(&s, panel, first), p, N, plain))
}

SK_INLINE void load_all_peepholes(peepholes p[], const sk_lstm_step *s, long panel, const int n) {
    SK_EACH p[i] = load_peepholes(s, panel + i);
}

SK_INLINE void forward_panels(
    const sk_lstm_step *step, long row, long begin, long end, const bool plain
) {
    const sk_lstm_step s = copy_of(step, true);
    peepholes p[CELL_BLOCK];
    SK_FOR_CELLS(begin, end, {
        load_all_peepholes(p, &s, first, N);
        forward_cells(&s, panels_from(&s, first, row), p, N, plain);
        forward_outputs(&s, panels_from(&s, first, row), p, N, plain);
    })
}

SK_NOINLINE void forward_plain_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    forward_rows(s, panel, begin, end, true, false);
}
SK_NOINLINE void forward_masked_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    forward_rows(s, panel, begin, end, true, true);
}
SK_NOINLINE void forward_any_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    forward_rows(s, panel, begin, end, false, true);
}
SK_NOINLINE void forward_plain_panels(const sk_lstm_step *s, long row, long begin, long end) {
    forward_panels(s, row, begin, end, true);
}
SK_NOINLINE void forward_any_panels(const sk_lstm_step *s, long row, long begin, long end) {
    forward_panels(s, row, begin, end, false);
}

SK_INLINE bool is_plain(const sk_lstm_step *s) {
    return s->activation == SK_TANH && s->gate_activation == SK_SIGMOID;
}

SK_INLINE panel_product recurrent_product(const sk_lstm_step *s, long panel) {
    bool pairs = s->precision == SK_BFLOAT16;
    long words = panel_words(s->precision, s->units), depth = pairs ? words : s->units;
    return (panel_product){
        .a = pairs ? s->h_prev_half : s->h_prev, .a_row = pairs ? s->half_stride : s->stride,
        .a_k = 1, .a_block_depth = depth,
        .b = s->recurrent + panel * words * W,
        .c = s->gates + panel * s->gates_panel, .c_row = W, .c_group = L,
        .depth = depth, .groups = 4, .lanes = {L, L, L, L}, .from_c = true, .full = true,
        .precision = s->precision,
    };
}

// Those of one or two panels from `panel` on.
SK_INLINE two_products recurrent_products(const sk_lstm_step *s, long panel, long panel_end) {
    return (two_products){
        {recurrent_product(s, panel), recurrent_product(s, min_long(panel + 1, panel_end - 1))}};
}

SK_INLINE void forward_cells_of_rows(const sk_lstm_step *s, long panel, long begin, long end) {
    if (!is_plain(s)) forward_any_rows(s, panel, begin, end);
    else if (s->mask) forward_masked_rows(s, panel, begin, end);
    else forward_plain_rows(s, panel, begin, end);
}

// One row by weights in int8: blocks of the row pass all panels.
SK_NOINLINE void multiply_row_of_bytes(
    const sk_lstm_step *s, long row, long panel_begin, long panel_end
) {
    for (long k = 0; k < s->units; k += BYTE_BLOCK) {
        short_block block;
        quantise_block(&block, s->h_prev + row * s->stride, k, s->units);
        for (long panel = panel_begin; panel < panel_end;) {
            two_products p = recurrent_products(s, panel, panel_end);
            panel += multiply_bytes(p.of, row, &block, panel_end - panel);
        }
    }
}

// A single row: all of its sums, and then its cells, as many at once as in several rows.
SK_NOINLINE void lstm_forward_row(
    const sk_lstm_step *s, long row, long panel_begin, long panel_end
) {
    if (has_bytes(s->precision, s->units)) {
        multiply_row_of_bytes(s, row, panel_begin, panel_end);
    } else {
        for (long panel = panel_begin; panel < panel_end;) {
            two_products p = recurrent_products(s, panel, panel_end);
            panel += multiply_row(p.of, row, panel_end - panel);
        }
    }
    if (is_plain(s)) forward_plain_panels(s, row, panel_begin, panel_end);
    else forward_any_panels(s, row, panel_begin, panel_end);
}

static void lstm_forward(
    const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end
) {
    if (row_begin >= row_end) return;
    if (row_end - row_begin == 1) {
        lstm_forward_row(s, row_begin, panel_begin, panel_end);
        return;
    }
    for (long panel = panel_begin; panel < panel_end; panel++) {
        panel_product p = recurrent_product(s, panel);
        multiply_panel(p, 0, p.depth, row_begin, row_end);
        forward_cells_of_rows(s, panel, row_begin, row_end);
    }
}
