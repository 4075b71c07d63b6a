// Squares of L x L numbers, turned in registers.
#pragma once
#include "simd.h"

// The first halves of a and b, number by number in turn, and the second halves.
#if SK_LANES == 16
#define SK_TURNS_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SK_TURNS_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif SK_LANES == 8
#define SK_TURNS_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define SK_TURNS_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define SK_TURNS_LOW 0, 4, 1, 5
#define SK_TURNS_HIGH 2, 6, 3, 7
#endif
SK_INLINE vf in_turns_low(vf a, vf b) { return __builtin_shufflevector(a, b, SK_TURNS_LOW); }
SK_INLINE vf in_turns_high(vf a, vf b) { return __builtin_shufflevector(a, b, SK_TURNS_HIGH); }

// Columns become rows. A round takes row i and row i + L/2 in turns, which moves the first bit of a
// row's number to the end of the column's: after log2 L rounds all bits have changed places.
SK_INLINE void transpose(vf x[SK_LANES]) {
    SK_UNROLL for (int moved = 1; moved < SK_LANES; moved *= 2) {
        vf y[SK_LANES];
        SK_UNROLL for (int i = 0; i < SK_LANES / 2; i++) {
            y[2 * i] = in_turns_low(x[i], x[i + SK_LANES / 2]);
            y[2 * i + 1] = in_turns_high(x[i], x[i + SK_LANES / 2]);
        }
        SK_UNROLL for (int i = 0; i < SK_LANES; i++) x[i] = y[i];
    }
}

// to[i * W + j] = from[j * stride + i] for `rows` rows and `columns` columns of a square; zero for
// the rows that are missing, which may be all, and nothing for the columns.
SK_INLINE void copy_transposed(float *to, const float *from, long stride, long rows, long columns) {
    vf x[SK_LANES];
    SK_UNROLL for (int j = 0; j < SK_LANES; j++) {
        x[j] = j < rows ? load_lanes(from + j * stride, columns) : splat(0);
    }
    transpose(x);
    SK_UNROLL for (int i = 0; i < SK_LANES; i++) {
        if (i < columns) store(to + i * W, x[i]);
    }
}
