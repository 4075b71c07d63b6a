// Products in pairs whose A is transposed, on a matrix unit: weight gradients.
#pragma once
#include "matrix.h"
#include "strips.h"
#include "transpose.h"

// Depth of a piece of A: one part, so that sums are loaded and stored once for a piece, and so shallow that its
// rows, of which there are the more, read panels of B seldom.
enum { MATRIX_DEPTH = MATRIX_PART };
_Static_assert(MATRIX_DEPTH % PART_UNIT == 0, "a part is no larger");
_Static_assert(SK_SCRATCH / MATRIX_DEPTH >= 2 * SIDE, "a piece has room for tiles");

// Numbers from a column of two rows of what A is the transpose of, in pairs along the depth: of row 2k and of
// the next, where they are.
SK_INLINE vf column_words(const sk_gemm *g, long k, long column, long count) {
    enum { HALF = sizeof(uint16_t) };
    if (2 * k >= g->a_rows) return splat(0);
    const char *even = (const char *)left_row(g, 2 * k) + column * HALF, *odd = NULL;
    if (2 * k + 1 < g->a_rows) odd = (const char *)left_row(g, 2 * k + 1) + column * HALF;
    size_t numbers = (size_t)min_long(count, SIDE);
    return (vf)(count >= SIDE ? words_of(even, odd, SIDE) : words_of(even, odd, numbers));
}

// Packs a piece to tiles, those of one step of all rows side by side. What is beyond the depth is zero.
SK_NOINLINE void pack_tiles(float *packed, const sk_gemm *g, piece x, long rows_packed) {
    for (long k = 0; k < x.depth; k += SIDE) {
        for (long m = 0; m < x.rows; m += SIDE) {
            float *to = packed + k * rows_packed + m * SIDE;
            vf words[SK_LANES];
            SK_UNROLL for (int i = 0; i < SIDE; i++) {
                words[i] = column_words(g, x.from + k + i, x.row + m, x.rows - m);
            }
            transpose(words);
            SK_UNROLL for (int i = 0; i < SIDE; i++) store(to + i * SIDE, words[i]);
        }
    }
}

// All panels by a piece.
SK_INLINE void multiply_tiles_of_piece(
    const sk_gemm *g, piece x, long panel_begin, long panel_end
) {
    const long rows_packed = (x.rows + SIDE - 1) / SIDE * SIDE;
    pack_tiles(g->scratch, g, x, rows_packed);
    for (long panel = panel_begin; panel < panel_end; panel++) {
        panel_product p = product_of(g, panel);
        p.a = g->scratch;
        p.a_row = p.a_block_depth = SIDE;
        p.a_block = rows_packed * SIDE;
        p.b += x.from * W;
        p.c += x.row * p.c_row;
        p.from_c = p.from_c || x.from > 0;
        matrix_panel(p, 0, x.depth, 0, x.rows);
    }
}

SK_NOINLINE void gemm_matrix_transposed(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    const long step = even_part(g->depth, MATRIX_DEPTH);
    const long most = SK_SCRATCH / step / (2 * SIDE) * (2 * SIDE);
    for (long from = 0; from < g->depth; from += step) {
        for (long row = row_begin; row < row_end; row += most) {
            piece x = {row, min_long(most, row_end - row), from, min_long(step, g->depth - from)};
            multiply_tiles_of_piece(g, x, panel_begin, panel_end);
        }
    }
}
