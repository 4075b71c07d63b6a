// What surrounds the LSTM steps: one-hot inputs as row lookups, and the gradients of b and p.
#pragma once
#include "simd.h"

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
            const float *from = w + tokens[row] * 4 * H + p * L;
            SK_UNROLL for (int g = 0; g < 4; g++) {
                bool present = tokens[row] >= 0;
                store(to + g * L, present ? start[g] + load_lanes(from + g * H, valid) : start[g]);
            }
        }
    }
}

static void lstm_lookup_backward(
    float *dw, const float *gates, long gates_panel, const int32_t *tokens, long rows, long H,
    long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        long valid = min_long(L, H - p * L);
        const float *from = gates + p * gates_panel;
        for (long row = 0; row < rows; row++, from += W) {
            if (tokens[row] < 0) continue;
            float *to = dw + tokens[row] * 4 * H + p * L;
            SK_UNROLL for (int g = 0; g < 4; g++) {
                vf sum = load_lanes(to + g * H, valid) + load(from + g * L);
                store_lanes(to + g * H, sum, valid);
            }
        }
    }
}

SK_INLINE void add_lanes(float *to, vf x, long valid) {
    store_lanes(to, load_lanes(to, valid) + x, valid);
}

static void lstm_bias_backward(
    float *db, float *dp, const float *gates, long gates_panel, const float *c_prev,
    const float *c, long stride, long rows, long H, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        long valid = min_long(L, H - p * L);
        vf sum[4], peephole[3];
        SK_UNROLL for (int g = 0; g < 4; g++) sum[g] = splat(0);
        SK_UNROLL for (int g = 0; g < 3; g++) peephole[g] = splat(0);
        const float *from = gates + p * gates_panel;
        for (long row = 0; row < rows; row++, from += W) {
            SK_UNROLL for (int g = 0; g < 4; g++) sum[g] += load(from + g * L);
            if (!dp) continue;
            long at = row * stride + p * L;
            vf before = load(c_prev + at), after = load(c + at);
            peephole[0] = load(from) * before + peephole[0];
            peephole[1] = load(from + L) * before + peephole[1];
            peephole[2] = load(from + 3 * L) * after + peephole[2];
        }
        SK_UNROLL for (int g = 0; g < 4; g++) add_lanes(db + g * H + p * L, sum[g], valid);
        if (!dp) continue;
        SK_UNROLL for (int g = 0; g < 3; g++) add_lanes(dp + g * H + p * L, peephole[g], valid);
    }
}
