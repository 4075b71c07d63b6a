// Packing right-hand matrices into panels.
#pragma once
#include "transpose.h"

// Copies the first `valid` of L floats and clears the rest.
SK_INLINE void copy_group(float *to, const float *from, long valid) {
    store(to, valid > 0 ? load_lanes(from, valid) : splat(0));
}

static void pack(
    float *packed, const float *b, long ldb, long K, long N, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * K * W;
        for (long k = 0; k < K; k++, to += W) {
            SK_UNROLL for (int g = 0; g < 4; g++) {
                long column = p * W + g * L;
                copy_group(to + g * L, b + k * ldb + column, N - column);
            }
        }
    }
}

// Depth for which L rows are read before the next rows: long enough for a processor to see streams in
// them, and what is written meanwhile stays in the second cache.
enum { STRETCH = 512 };

static void pack_transposed(
    float *packed, const float *b, long ldb, long K, long N, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * K * W;
        for (long begin = 0; begin < K; begin += STRETCH) {
            long end = min_long(begin + STRETCH, K);
            for (long j = 0; j < W; j += L) {
                long rows = N - (p * W + j);
                const float *from = b + (rows > 0 ? (p * W + j) * ldb : 0);
                for (long k = begin; k < end; k += L) {
                    copy_transposed(to + k * W + j, from + k, ldb, rows, min_long(L, end - k));
                }
            }
        }
    }
}

static void pack_gates(
    float *packed, const float *w, long K, long H, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * K * W;
        for (long k = 0; k < K; k++, to += W) {
            SK_UNROLL for (int g = 0; g < 4; g++) {
                copy_group(to + g * L, w + k * 4 * H + g * H + p * L, H - p * L);
            }
        }
    }
}

// The first `columns` columns of a square, and zeros for those that are missing.
SK_INLINE void copy_gate_transposed(
    float *to, const float *from, long stride, long rows, long columns
) {
    copy_transposed(to, from, stride, rows, columns);
    for (long i = columns; i < L; i++) store(to + i * W, splat(0));
}

static void pack_gates_transposed(
    float *packed, const float *w, long N, long H, long panel_begin, long panel_end
) {
    long unit_panels = (H + L - 1) / L;
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * unit_panels * W * W;
        for (long u = 0; u < unit_panels; u++) {
            long valid = min_long(L, H - u * L);
            for (int g = 0; g < 4; g++, to += L * W) {
                for (long j = 0; j < W; j += L) {
                    long rows = N - (p * W + j), row = rows > 0 ? p * W + j : 0;
                    const float *from = w + row * 4 * H + g * H + u * L;
                    copy_gate_transposed(to + j, from, 4 * H, rows, valid);
                }
            }
        }
    }
}
