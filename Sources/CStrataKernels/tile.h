// The register tile that all products share: up to SK_TILE_ROWS rows by one panel of 4 L columns.
#pragma once
#include "simd.h"

// Depth of the part of a panel that all rows pass before the next part is touched, so that the part
// stays in the first cache. Sums continue from C, so the order of additions does not depend on it.
enum { DEPTH_BLOCK = SK_DEPTH_BLOCK };

// One panel's product over depths [from, to): C[rows, 4L] = start + A * B.
typedef struct panel_product {
    const float *a;
    long a_row, a_k, a_block, a_block_depth;
    const float *b;        // this panel
    float *c;              // this panel
    long c_row, c_group;
    long from, to;
    long lanes[4];         // how many lanes of each group are stored
    bool full;             // all of them
    bool from_c;           // start from C, otherwise from `bias`
    vf bias[4];
} panel_product;

SK_INLINE void tile_multiply(
    vf sum[][4], const int rows, const float *a, long a_row, long a_k, const float *b, long depth
) {
    for (long k = 0; k < depth; k++, a += a_k, b += W) {
        vf left[SK_TILE_ROWS];
        SK_UNROLL for (int m = 0; m < rows; m++) left[m] = splat(a[m * a_row]);
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf right = load(b + g * L);
            SK_UNROLL for (int m = 0; m < rows; m++) sum[m][g] = left[m] * right + sum[m][g];
        }
    }
}

SK_INLINE void tile(const panel_product *p, long row, const int rows) {
    vf sum[SK_TILE_ROWS][4];
    float *c = p->c + row * p->c_row;
    SK_UNROLL for (int m = 0; m < rows; m++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            const float *source = c + m * p->c_row + g * p->c_group;
            if (!p->from_c) sum[m][g] = p->bias[g];
            else if (p->full) sum[m][g] = load(source);
            else sum[m][g] = load_lanes(source, p->lanes[g]);
        }
    }
    const float *a = p->a + row * p->a_row;
    for (long k = p->from; k < p->to;) {
        long block = k / p->a_block_depth, inner = k % p->a_block_depth;
        long depth = min_long(p->a_block_depth - inner, p->to - k);
        tile_multiply(
            sum, rows, a + block * p->a_block + inner * p->a_k, p->a_row, p->a_k, p->b + k * W, depth);
        k += depth;
    }
    SK_UNROLL for (int m = 0; m < rows; m++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            float *target = c + m * p->c_row + g * p->c_group;
            if (p->full) store(target, sum[m][g]);
            else store_lanes(target, sum[m][g], p->lanes[g]);
        }
    }
}

SK_NOINLINE void tile_1(const panel_product *p, long row) { tile(p, row, 1); }
#if SK_TILE_ROWS >= 2
SK_NOINLINE void tile_2(const panel_product *p, long row) { tile(p, row, 2); }
#endif
#if SK_TILE_ROWS >= 3
SK_NOINLINE void tile_3(const panel_product *p, long row) { tile(p, row, 3); }
#endif
#if SK_TILE_ROWS >= 4
SK_NOINLINE void tile_4(const panel_product *p, long row) { tile(p, row, 4); }
#endif
#if SK_TILE_ROWS >= 5
SK_NOINLINE void tile_5(const panel_product *p, long row) { tile(p, row, 5); }
#endif
#if SK_TILE_ROWS >= 6
SK_NOINLINE void tile_6(const panel_product *p, long row) { tile(p, row, 6); }
#endif

// A remainder is shared by the last two tiles, since a tile of one row waits for its own sums.
SK_INLINE long tile_height(long left) {
    if (left <= SK_TILE_ROWS) return left;
    return left >= 2 * SK_TILE_ROWS ? SK_TILE_ROWS : (left + 1) / 2;
}

SK_INLINE void multiply_rows(const panel_product *p, long row_begin, long row_end) {
    for (long row = row_begin; row < row_end;) {
        long rows = tile_height(row_end - row);
        switch (rows) {
        case 1: tile_1(p, row); break;
#if SK_TILE_ROWS >= 2
        case 2: tile_2(p, row); break;
#endif
#if SK_TILE_ROWS >= 3
        case 3: tile_3(p, row); break;
#endif
#if SK_TILE_ROWS >= 4
        case 4: tile_4(p, row); break;
#endif
#if SK_TILE_ROWS >= 5
        case 5: tile_5(p, row); break;
#endif
#if SK_TILE_ROWS >= 6
        case 6: tile_6(p, row); break;
#endif
        default: __builtin_unreachable();
        }
        row += rows;
    }
}

// The whole depth; p->from_c says how the first block starts.
SK_INLINE void multiply_panel(panel_product *p, long depth, long row_begin, long row_end) {
    p->from = 0;
    // A depth of zero still has to write the start values.
    do {
        p->to = min_long(p->from + DEPTH_BLOCK, depth);
        multiply_rows(p, row_begin, row_end);
        p->from = p->to;
        p->from_c = true;
    } while (p->from < depth);
}
