// Packing right-hand matrices into panels.
#pragma once
#include "half.h"
#include "transpose.h"

// A matrix to be packed: its `columns` are those of a plain panel, or units of which each has four gates.
typedef struct right_matrix { const float *from; long stride, depth, columns; } right_matrix;

// Packs the depths from `begin` to `end` of one panel, in float32. `begin` is a multiple of PART.
typedef void pack_part(float *to, const right_matrix *x, long panel, long begin, long end);

// Depths that are packed before they are rounded to pairs: they stay in the first cache meanwhile. Even, and a
// whole panel of gates.
enum { PART = W };

SK_INLINE void pack_panels(
    float *packed, const right_matrix *x, pack_part *part, sk_precision precision,
    long panel_begin, long panel_end
) {
    const long words = panel_words(precision, x->depth);
    for (long p = panel_begin; p < panel_end; p++) {
        float *to = packed + p * words * W;
        if (!has_pairs(precision)) {
            part(to, x, p, 0, x->depth);
            continue;
        }
        float numbers[PART * W];
        for (long begin = 0; begin < x->depth; begin += PART) {
            long end = min_long(begin + PART, x->depth);
            part(numbers, x, p, begin, end);
            halve(to + begin / 2 * W, 0, numbers, 0, end - begin, 0, 1);
        }
    }
}

// Copies the L floats from `column` of a row on, and clears what is not among the first `columns`.
SK_INLINE void copy_group(float *to, const float *row, long column, long columns) {
    store(to, column < columns ? load_lanes(row + column, columns - column) : splat(0));
}

SK_INLINE void part_of_plain(float *to, const right_matrix *x, long p, long begin, long end) {
    for (long k = begin; k < end; k++, to += W) {
        const float *row = x->from + k * x->stride;
        SK_UNROLL for (int g = 0; g < 4; g++) {
            copy_group(to + g * L, row, p * W + g * L, x->columns);
        }
    }
}

static void pack(
    float *packed, const float *b, long ldb, long K, long N, sk_precision precision,
    long panel_begin, long panel_end
) {
    const right_matrix x = {b, ldb, K, N};
    pack_panels(packed, &x, part_of_plain, precision, panel_begin, panel_end);
}

// Depth for which L rows are read before the next rows: long enough for a processor to see streams in
// them, and what is written meanwhile stays in the second cache.
enum { STRETCH = 512 };

SK_INLINE void part_of_transposed(float *to, const right_matrix *x, long p, long begin, long end) {
    for (long first = begin; first < end; first += STRETCH) {
        long last = min_long(first + STRETCH, end);
        for (long j = 0; j < W; j += L) {
            long rows = x->columns - (p * W + j);
            const float *from = x->from + (rows > 0 ? (p * W + j) * x->stride : 0);
            for (long k = first; k < last; k += L) {
                float *square = to + (k - begin) * W + j;
                copy_transposed(square, from + k, x->stride, rows, min_long(L, last - k));
            }
        }
    }
}

static void pack_transposed(
    float *packed, const float *b, long ldb, long K, long N, sk_precision precision,
    long panel_begin, long panel_end
) {
    const right_matrix x = {b, ldb, K, N};
    pack_panels(packed, &x, part_of_transposed, precision, panel_begin, panel_end);
}

SK_INLINE void part_of_gates(float *to, const right_matrix *x, long p, long begin, long end) {
    for (long k = begin; k < end; k++, to += W) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            copy_group(to + g * L, x->from + k * x->stride + g * x->columns, p * L, x->columns);
        }
    }
}

static void pack_gates(
    float *packed, const float *w, long K, long H, sk_precision precision, long panel_begin,
    long panel_end
) {
    const right_matrix x = {w, 4 * H, K, H};
    pack_panels(packed, &x, part_of_gates, precision, panel_begin, panel_end);
}

// The first `columns` columns of a square, and zeros for those that are missing.
SK_INLINE void copy_gate_transposed(
    float *to, const float *from, long stride, long rows, long columns
) {
    copy_transposed(to, from, stride, rows, columns);
    for (long i = columns; i < L; i++) store(to + i * W, splat(0));
}

// Here `stride` is four times the units, and the columns are rows of W.
SK_INLINE void part_of_transposed_gates(
    float *to, const right_matrix *x, long p, long begin, long end
) {
    const long units = x->stride / 4;
    for (long k = begin; k < end; k += W) {
        const long unit = k / 4, valid = min_long(L, units - unit);
        for (int g = 0; g < 4; g++, to += L * W) {
            for (long j = 0; j < W; j += L) {
                long rows = x->columns - (p * W + j), row = rows > 0 ? p * W + j : 0;
                const float *from = x->from + row * x->stride + g * units + unit;
                copy_gate_transposed(to + j, from, x->stride, rows, valid);
            }
        }
    }
}

static void pack_gates_transposed(
    float *packed, const float *w, long N, long H, sk_precision precision, long panel_begin,
    long panel_end
) {
    const right_matrix x = {w, 4 * H, (H + L - 1) / L * W, N};
    pack_panels(packed, &x, part_of_transposed_gates, precision, panel_begin, panel_end);
}
