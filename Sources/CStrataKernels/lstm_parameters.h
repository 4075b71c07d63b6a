// What surrounds the LSTM steps: one-hot inputs as row lookups, and the gradients of b and p.
#pragma once
#include "half.h"

static void lstm_lookup(
    float *gates, long gates_panel, const int32_t *tokens, long rows, const float *w,
    const float *bias, long H, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        long valid = min_long(L, H - p * L);
        vf start[4];
        SK_UNROLL for (int g = 0; g < 4; g++) {
            start[g] = bias ? load_lanes(bias + g * H + p * L, valid) : splat(0);
        }
        float *to = gates + p * gates_panel;
        for (long row = 0; row < rows; row++, to += W) {
            const float *from = w + max_long(0, tokens[row]) * 4 * H + p * L;
            SK_UNROLL for (int g = 0; g < 4; g++) {
                bool present = tokens[row] >= 0;
                store(to + g * L, present ? start[g] + load_lanes(from + g * H, valid) : start[g]);
            }
        }
    }
}

// The gradients of one gate of a row of a panel.
SK_INLINE vf load_gate(const float *row, int gate, const bool pairs) {
    return pairs ? load_pairs(row + gate * L / 2) : load(row + gate * L);
}

// One panel's part of dW [V, 4H]: where a token's row is, its gates, and their valid lanes.
typedef struct token_rows { float *base; long token, gate, valid; } token_rows;

SK_INLINE void add_rows_by_token(
    token_rows to, const float *gates, const int32_t *tokens, long rows, const bool pairs
) {
    const long width = pairs ? W / 2 : W;
    for (long row = 0; row < rows; row++, gates += width) {
        if (tokens[row] < 0) continue;
        float *dw = to.base + tokens[row] * to.token;
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf sum = load_lanes(dw + g * to.gate, to.valid) + load_gate(gates, g, pairs);
            store_lanes(dw + g * to.gate, sum, to.valid);
        }
    }
}

SK_INLINE void copy_token_rows(token_rows to, token_rows from, long count, long valid) {
    for (long token = 0; token < count; token++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf x = load_lanes(from.base + token * from.token + g * from.gate, valid);
            store_lanes(to.base + token * to.token + g * to.gate, x, valid);
        }
    }
}

// Rows of dW are often a power of two apart, so that those of few tokens already chase each other out of
// the first cache. Where there are many more rows of gates, they are summed in a dense copy.
static void lstm_lookup_backward(
    float *dw, const float *gates, long gates_panel, sk_precision precision, const int32_t *tokens,
    long rows, long V, long H, float *scratch, long panel_begin, long panel_end
) {
    const bool copied = V * W <= SK_SCRATCH && 4 * V <= rows;
    for (long p = panel_begin; p < panel_end; p++) {
        const token_rows part = {dw + p * L, 4 * H, H, min_long(L, H - p * L)};
        const token_rows copy = {scratch, W, L, L}, to = copied ? copy : part;
        if (copied) copy_token_rows(copy, part, V, part.valid);
        const float *from = gates + p * gates_panel;
        if (precision == SK_BFLOAT16) add_rows_by_token(to, from, tokens, rows, true);
        else add_rows_by_token(to, from, tokens, rows, false);
        if (copied) copy_token_rows(part, copy, V, part.valid);
    }
}

SK_INLINE void add_lanes(float *to, vf x, long valid) {
    store_lanes(to, load_lanes(to, valid) + x, valid);
}

// What the gradients of biases, and of peepholes unless dp is NULL, are summed from.
typedef struct gate_rows {
    float *db, *dp;
    const float *gates, *c_prev, *c;
    long gates_panel, stride, rows, units;
} gate_rows;

SK_INLINE void sum_gate_rows(const gate_rows *x, long p, const bool pairs) {
    const long valid = min_long(L, x->units - p * L), width = pairs ? W / 2 : W;
    vf sum[4], peephole[3];
    SK_UNROLL for (int g = 0; g < 4; g++) sum[g] = splat(0);
    SK_UNROLL for (int g = 0; g < 3; g++) peephole[g] = splat(0);
    const float *from = x->gates + p * x->gates_panel;
    for (long row = 0; row < x->rows; row++, from += width) {
        vf dz[4];
        SK_UNROLL for (int g = 0; g < 4; g++) sum[g] += dz[g] = load_gate(from, g, pairs);
        if (!x->dp) continue;
        long at = row * x->stride + p * L;
        vf before = load(x->c_prev + at), after = load(x->c + at);
        peephole[0] = dz[0] * before + peephole[0];
        peephole[1] = dz[1] * before + peephole[1];
        peephole[2] = dz[3] * after + peephole[2];
    }
    SK_UNROLL for (int g = 0; g < 4; g++) add_lanes(x->db + g * x->units + p * L, sum[g], valid);
    if (!x->dp) return;
    SK_UNROLL for (int g = 0; g < 3; g++) {
        add_lanes(x->dp + g * x->units + p * L, peephole[g], valid);
    }
}

static void lstm_bias_backward(
    float *db, float *dp, const float *gates, long gates_panel, sk_precision precision,
    const float *c_prev, const float *c, long stride, long rows, long H, long panel_begin,
    long panel_end
) {
    const gate_rows x = {db, dp, gates, c_prev, c, gates_panel, stride, rows, H};
    for (long p = panel_begin; p < panel_end; p++) {
        if (precision == SK_BFLOAT16) sum_gate_rows(&x, p, true);
        else sum_gate_rows(&x, p, false);
    }
}
