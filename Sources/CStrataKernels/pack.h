// Packing right-hand matrices into panels.
#pragma once
#include "simd.h"

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

static void pack_transposed(
    float *packed, const float *b, long ldb, long K, long N, long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * K * W;
        // Short stretches of depth, so that the lines written stay in the first cache.
        for (long k = 0; k < K; k += L) {
            long depth = min_long(L, K - k);
            for (long j = 0; j < W; j++) {
                const float *from = b + (p * W + j) * ldb + k;
                bool valid = p * W + j < N;
                for (long i = 0; i < depth; i++) to[(k + i) * W + j] = valid ? from[i] : 0;
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

static void pack_gates_transposed(
    float *packed, const float *w, long N, long H, long panel_begin, long panel_end
) {
    long unit_panels = (H + L - 1) / L;
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * unit_panels * W * W;
        for (long u = 0; u < unit_panels; u++) {
            long valid = min_long(L, H - u * L);
            for (int g = 0; g < 4; g++, to += L * W) {
                for (long j = 0; j < W; j++) {
                    const float *from = w + (p * W + j) * 4 * H + g * H + u * L;
                    bool row = p * W + j < N;
                    for (long i = 0; i < L; i++) to[i * W + j] = row && i < valid ? from[i] : 0;
                }
            }
        }
    }
}

static void pack_strips(
    float *packed, long strip, const float *a, long a_row, long M, long row_begin, long row_end
) {
    for (long k = row_begin; k < row_end; k++) {
        const float *from = a + k * a_row;
        float *to = packed + k * SK_STRIP;
        for (long m = 0; m < M; m += SK_STRIP, from += SK_STRIP, to += strip) {
            if (M - m >= SK_STRIP) memcpy(to, from, SK_STRIP * sizeof *to);
            else for (long j = 0; j < SK_STRIP; j++) to[j] = m + j < M ? from[j] : 0;
        }
    }
}
