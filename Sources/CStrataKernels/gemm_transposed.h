// Products whose A is read transposed: weight gradients, with a long depth and a large dense C.
#pragma once
#include "gemm_panel.h"

// A and C are copied piece by piece, because their strides make poor use of caches: neighbours
// along the depth of A, and rows of C, are whole rows of a matrix apart, often a power of two. The
// pieces are on the stack: about 100 KB of A, and for C what one panel has of the same rows. The
// copy of A is in strips [depth, STRIP] of a few tiles each, which are read from front to back.
enum { STRIP = 12, PIECE_ROWS = 4 * STRIP, PIECE_DEPTH = 512 };

typedef struct piece { long row, rows, from, depth; } piece;

SK_INLINE void copy_strip(float *copy, const sk_gemm *g, piece x, long row, long rows) {
    long block = x.from / g->a_block_depth, inner = x.from % g->a_block_depth;
    const float *a = g->a + block * g->a_block + inner * g->a_k + row;
    for (long k = 0; k < x.depth; k++, copy += STRIP) {
        if (rows == STRIP) memcpy(copy, a, STRIP * sizeof *copy);
        else for (long m = 0; m < rows; m++) copy[m] = a[m];
        a += g->a_k;
        if (++inner == g->a_block_depth) {
            a += g->a_block - inner * g->a_k;
            inner = 0;
        }
    }
}

// With `out`, from the copy to C; otherwise from C to the copy.
SK_INLINE void copy_c(const panel_product *p, float *copy, long rows, const bool out) {
    for (long m = 0; m < rows; m++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            float *c = p->c + m * p->c_row + g * p->c_group, *held = copy + m * W + g * L;
            if (out && p->full) store(c, load(held));
            else if (out) store_lanes(c, load(held), p->lanes[g]);
            else if (p->full) store(held, load(c));
            else store(held, load_lanes(c, p->lanes[g]));
        }
    }
}

SK_INLINE void multiply_piece(const sk_gemm *g, piece x, const float *a, long panel) {
    float c[PIECE_ROWS * W];
    panel_product p = product_of(g, panel);
    p.c += x.row * p.c_row;
    p.from_c = p.from_c || x.from > 0;
    if (p.from_c) copy_c(&p, c, x.rows, false);
    panel_product held = {
        .a_row = 1, .a_k = STRIP, .c_row = W, .c_group = L, .full = true, .from_c = p.from_c,
        .bias = {p.bias[0], p.bias[1], p.bias[2], p.bias[3]},
    };
    for (long from = 0; from < x.depth; from += DEPTH_BLOCK) {
        held.depth = held.first = held.a_block_depth = min_long(DEPTH_BLOCK, x.depth - from);
        held.b = p.b + (x.from + from) * W;
        for (long row = 0; row < x.rows; row += STRIP) {
            held.a = a + row * x.depth + from * STRIP;
            held.c = c + row * W;
            multiply_rows(&held, 0, min_long(STRIP, x.rows - row));
        }
        held.from_c = true;
    }
    copy_c(&p, c, x.rows, true);
}

SK_NOINLINE void gemm_transposed(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    float a[PIECE_DEPTH * PIECE_ROWS];
    piece x;
    for (x.from = 0; x.from < g->depth; x.from += PIECE_DEPTH) {
        x.depth = min_long(PIECE_DEPTH, g->depth - x.from);
        for (x.row = row_begin; x.row < row_end; x.row += PIECE_ROWS) {
            x.rows = min_long(PIECE_ROWS, row_end - x.row);
            for (long row = 0; row < x.rows; row += STRIP) {
                copy_strip(a + row * x.depth, g, x, x.row + row, min_long(STRIP, x.rows - row));
            }
            for (long panel = panel_begin; panel < panel_end; panel++) {
                multiply_piece(g, x, a, panel);
            }
        }
    }
}
