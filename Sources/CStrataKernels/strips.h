// Packing a part of a transposed A for the tiles: strips of SK_STRIP columns, which are rows of A.
#pragma once
#include "gemm_panel.h"

// Rows of A, and a part of its depth.
typedef struct piece { long row, rows, from, depth; } piece;

// How many rows ahead is fetched what is packed: a piece is too narrow a part of a row for processors to
// foresee.
enum { STRIPS_AHEAD = 8 };

// Strips overlap the gap behind them: where a line exists to read, all of it is copied.
enum { STRIP_GAP = LINE };
_Static_assert(SK_STRIP + STRIP_GAP >= LINE, "a line ends in the gap");

// From one strip to the next.
SK_INLINE long strip_size(long depth) { return depth * SK_STRIP + STRIP_GAP; }

// Where depth k of the strip that begins with row m of a piece is packed.
SK_INLINE float *strip_place(float *packed, piece x, long m, long k) {
    return packed + m / SK_STRIP * strip_size(x.depth) + k * SK_STRIP;
}

// Row k of what A is the transpose of.
SK_INLINE const float *left_row(const sk_gemm *g, long k) {
    long later = k - g->rows_before;
    return later < 0 ? g->a_before + k * g->a_row : g->a + later * g->a_row;
}

SK_INLINE void fetch_row(const float *row, long floats, long offset) {
    for (long i = 0; i < floats; i += LINE) fetch_soon(row, offset + i);
}

SK_NOINLINE void pack_rows(float *packed, const sk_gemm *g, piece x) {
    for (long k = 0; k < x.depth; k++) {
        const float *from = left_row(g, x.from + k) + x.row;
        fetch_row(from, x.rows, STRIPS_AHEAD * g->a_row);
        long m = 0;
        for (; m + LINE <= x.rows; m += SK_STRIP) {
            memcpy(strip_place(packed, x, m, k), from + m, LINE * sizeof *from);
        }
        for (; m < x.rows; m += SK_STRIP) {
            size_t count = (size_t)min_long(SK_STRIP, x.rows - m);
            memcpy(strip_place(packed, x, m, k), from + m, count * sizeof *from);
        }
    }
}

typedef uint16_t line_of_halves __attribute__((vector_size(2 * LINE)));
typedef uint32_t line_of_words __attribute__((vector_size(4 * LINE)));

// Words of `count` numbers of an even row and of the odd one behind it, NULL where there is none; the others
// are zero.
SK_INLINE line_of_words words_of(const char *even, const char *odd, const size_t count) {
    line_of_halves lower = {0}, upper = {0};
    memcpy(&lower, even, count * sizeof lower[0]);
    if (odd) memcpy(&upper, odd, count * sizeof upper[0]);
    line_of_words words = __builtin_convertvector(lower, line_of_words);
    return words | __builtin_convertvector(upper, line_of_words) << 16;
}
SK_INLINE void pack_words(float *to, const char *even, const char *odd, const size_t count) {
    line_of_words words = words_of(even, odd, count);
    memcpy(to, &words, count * sizeof words[0]);
}

// The same of rows in pairs along their columns, which become pairs along the depth.
SK_NOINLINE void pack_rows_in_pairs(float *packed, const sk_gemm *g, piece x) {
    enum { HALF = sizeof(uint16_t) };
    for (long k = 0; k < x.depth; k++) {
        const long row = 2 * (x.from + k);
        const float *first = left_row(g, row);
        for (int i = 0; i < 2; i++) {
            const long ahead = (2 * STRIPS_AHEAD + i) * g->a_row;
            fetch_row(first, (x.rows + 1) / 2, ahead + x.row / 2);
        }
        // In bytes, since a piece may begin within a word.
        const char *even = (const char *)first + x.row * HALF, *odd = NULL;
        if (row + 1 < g->a_rows) odd = (const char *)left_row(g, row + 1) + x.row * HALF;
        long m = 0;
        for (; odd && m + LINE <= x.rows; m += SK_STRIP) {
            pack_words(strip_place(packed, x, m, k), even + m * HALF, odd + m * HALF, LINE);
        }
        for (; m < x.rows; m += SK_STRIP) {
            size_t count = (size_t)min_long(SK_STRIP, x.rows - m);
            const char *second = odd ? odd + m * HALF : NULL;
            pack_words(strip_place(packed, x, m, k), even + m * HALF, second, count);
        }
    }
}

SK_INLINE void pack_piece(float *packed, const sk_gemm *g, piece x) {
    if (g->precision == SK_BFLOAT16) pack_rows_in_pairs(packed, g, x);
    else pack_rows(packed, g, x);
}
