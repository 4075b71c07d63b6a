// The register tile that all products share: up to SK_TILE_ROWS rows by one panel of 4 L columns.
// Depths and strides count floats, or words of two numbers in bfloat16.
#pragma once
#include "half.h"

// Depth of the part of a panel that all rows pass before the next part is touched, so that the part
// stays in the first cache. Sums continue from C, so the order of additions does not depend on it.
enum { DEPTH_BLOCK = SK_DEPTH_BLOCK };

// One panel's product over some of its depth: C[rows, 4L] = start + A * B.
typedef struct panel_product {
    const float *a;
    long a_row, a_k, a_block, a_block_depth;
    const float *b;      // the panel, at the first depth
    float *c;            // the panel
    long c_row, c_group;
    long depth;
    long first;          // depths before A's next block
    long lanes[4];       // how many lanes of each group are stored
    bool full;           // all of them
    bool from_c;         // start from C, otherwise from `bias`
    sk_precision precision;
    vf bias[4];
} panel_product;

// The step that all products are made of: of one depth, or of a pair of them.
SK_INLINE vf splat_left(const float *a, const bool pairs) {
    return pairs ? splat_word(a) : splat(*a);
}
SK_INLINE vf multiply_add(vf sum, vf left, vf right, const bool pairs) {
    return pairs ? add_pairs(sum, left, right) : left * right + sum;
}

SK_INLINE void tile_multiply(
    vf sum[][4], const int rows, const float *a, long a_row, long a_k, const float *b, long depth,
    const bool pairs
) {
    for (long k = 0; k < depth; k++, a += a_k, b += W) {
        vf left[SK_TILE_ROWS];
        SK_UNROLL for (int m = 0; m < rows; m++) left[m] = splat_left(a + m * a_row, pairs);
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf right = load(b + g * L);
            SK_UNROLL for (int m = 0; m < rows; m++) {
                sum[m][g] = multiply_add(sum[m][g], left[m], right, pairs);
            }
        }
    }
}

#ifdef SK_LANE_OPERANDS
// Where a multiply-add takes its left-hand number from any lane of a register, a load of several
// numbers at once takes the place of a broadcast of each, which on most such processors keeps a
// unit for multiply-adds busy.
SK_INLINE void tile_add_lanes(
    vf sum[][4], const int rows, const vf left[], const int stride, const int first, const float *b
) {
    SK_UNROLL for (int g = 0; g < 4; g++) {
        vf right = load(b + g * L);
        SK_UNROLL for (int m = 0; m < rows; m++) {
            int lane = first + m * stride;
            sum[m][g] = splat(left[lane / L][lane % L]) * right + sum[m][g];
        }
    }
}

// An A whose rows are contiguous: L depths of each row at a time.
SK_INLINE long tile_lanes_of_rows(
    vf sum[][4], const int rows, const float *a, long a_row, const float *b, long depth
) {
    long k = 0;
    for (; k + L <= depth; k += L) {
        vf left[SK_TILE_ROWS];
        SK_UNROLL for (int m = 0; m < rows; m++) left[m] = load(a + m * a_row + k);
        SK_UNROLL for (int i = 0; i < L; i++) tile_add_lanes(sum, rows, left, L, i, b + (k + i) * W);
    }
    return k;
}

// An A in strips: all rows of one depth at a time, when they fill a vector.
SK_INLINE long tile_lanes_of_strip(
    vf sum[][4], const int rows, const float *a, long a_k, const float *b, long depth
) {
    _Static_assert(SK_TILE_ROWS <= 2 * SK_LANES, "two vectors hold a depth of all rows");
    if (rows < L) return 0;
    for (long k = 0; k < depth; k++, a += a_k) {
        vf left[2] = {load(a)};
        SK_UNROLL for (int m = L; m < rows; m++) left[1][m - L] = a[m];
        tile_add_lanes(sum, rows, left, 1, 0, b + k * W);
    }
    return depth;
}
#endif

// The depths of one block of A.
SK_INLINE void tile_block(
    const panel_product *p, vf sum[][4], const int rows, const float *a, const float *b, long depth,
    const bool pairs
) {
    long done = 0;
#ifdef SK_LANE_OPERANDS
    if (!pairs && p->a_k == 1) done = tile_lanes_of_rows(sum, rows, a, p->a_row, b, depth);
    else if (!pairs && p->a_row == 1) done = tile_lanes_of_strip(sum, rows, a, p->a_k, b, depth);
#endif
    tile_multiply(
        sum, rows, a + done * p->a_k, p->a_row, p->a_k, b + done * W, depth - done, pairs);
}

SK_INLINE void tile_sums(
    const panel_product *p, const float *a, float *c, const int rows, const bool pairs
) {
    const long c_row = p->c_row, c_group = p->c_group;
    vf sum[SK_TILE_ROWS][4];
    if (p->from_c) {
        SK_UNROLL for (int m = 0; m < rows; m++) {
            SK_UNROLL for (int g = 0; g < 4; g++) sum[m][g] = load(c + m * c_row + g * c_group);
        }
    } else {
        SK_UNROLL for (int m = 0; m < rows; m++) {
            SK_UNROLL for (int g = 0; g < 4; g++) sum[m][g] = p->bias[g];
        }
    }
    const float *b = p->b;
    long left = p->depth, depth = p->first;
    for (;;) {
        tile_block(p, sum, rows, a, b, depth, pairs);
        left -= depth;
        if (left == 0) break;
        a += p->a_block - (p->a_block_depth - depth) * p->a_k;
        b += depth * W;
        depth = min_long(p->a_block_depth, left);
    }
    SK_UNROLL for (int m = 0; m < rows; m++) {
        SK_UNROLL for (int g = 0; g < 4; g++) store(c + m * c_row + g * c_group, sum[m][g]);
    }
}

// A function for every height and either step: in one for both, the second would cost the first its
// registers.
#define SK_TILE(height)                                                                            \
    SK_NOINLINE void tile_##height(const panel_product *p, const float *a, float *c) {             \
        tile_sums(p, a, c, height, false);                                                         \
    }                                                                                              \
    SK_NOINLINE void pairs_tile_##height(const panel_product *p, const float *a, float *c) {       \
        tile_sums(p, a, c, height, true);                                                          \
    }

SK_TILE(1)
#if SK_TILE_ROWS >= 2
SK_TILE(2)
#endif
#if SK_TILE_ROWS >= 3
SK_TILE(3)
#endif
#if SK_TILE_ROWS >= 4
SK_TILE(4)
#endif
#if SK_TILE_ROWS >= 5
SK_TILE(5)
#endif
#if SK_TILE_ROWS >= 6
SK_TILE(6)
#endif

// A remainder is shared by the last two tiles, since a tile of one row waits for its own sums.
SK_INLINE long tile_height(long left) {
    if (left <= SK_TILE_ROWS) return left;
    return left >= 2 * SK_TILE_ROWS ? SK_TILE_ROWS : (left + 1) / 2;
}

SK_INLINE void tile_of(const panel_product *p, const float *a, float *c, long rows) {
    bool pairs = p->precision == SK_BFLOAT16;
    switch (rows) {
    case 1: pairs ? pairs_tile_1(p, a, c) : tile_1(p, a, c); break;
#if SK_TILE_ROWS >= 2
    case 2: pairs ? pairs_tile_2(p, a, c) : tile_2(p, a, c); break;
#endif
#if SK_TILE_ROWS >= 3
    case 3: pairs ? pairs_tile_3(p, a, c) : tile_3(p, a, c); break;
#endif
#if SK_TILE_ROWS >= 4
    case 4: pairs ? pairs_tile_4(p, a, c) : tile_4(p, a, c); break;
#endif
#if SK_TILE_ROWS >= 5
    case 5: pairs ? pairs_tile_5(p, a, c) : tile_5(p, a, c); break;
#endif
#if SK_TILE_ROWS >= 6
    case 6: pairs ? pairs_tile_6(p, a, c) : tile_6(p, a, c); break;
#endif
    default: __builtin_unreachable();
    }
}

// A panel whose rows in C are shorter than its vectors: by way of a copy.
SK_NOINLINE void partial_tile(const panel_product *p, const float *a, float *c, long rows) {
    float copy[SK_TILE_ROWS * W];
    panel_product whole = *p;
    whole.c_row = W;
    whole.c_group = L;
    for (long m = 0; p->from_c && m < rows; m++) {
        for (int g = 0; g < 4; g++) {
            store(copy + m * W + g * L, load_lanes(c + m * p->c_row + g * p->c_group, p->lanes[g]));
        }
    }
    tile_of(&whole, a, copy, rows);
    for (long m = 0; m < rows; m++) {
        for (int g = 0; g < 4; g++) {
            store_lanes(c + m * p->c_row + g * p->c_group, load(copy + m * W + g * L), p->lanes[g]);
        }
    }
}

SK_INLINE void multiply_rows(const panel_product *p, long row_begin, long row_end) {
    for (long row = row_begin; row < row_end;) {
        long rows = tile_height(row_end - row);
        const float *a = p->a + row * p->a_row;
        float *c = p->c + row * p->c_row;
        if (p->full) tile_of(p, a, c, rows);
        else partial_tile(p, a, c, rows);
        row += rows;
    }
}

// The depth from `begin` to `end`; p.from_c says how its first block starts.
SK_INLINE void multiply_panel(
    panel_product p, long begin, long end, long row_begin, long row_end
) {
    const float *a = p.a, *b = p.b;
    // A depth of zero still has to write the start values.
    for (long from = begin; from == begin || from < end; from += p.depth) {
        long block = from / p.a_block_depth, inner = from % p.a_block_depth;
        p.a = a + block * p.a_block + inner * p.a_k;
        p.b = b + from * W;
        p.depth = min_long(DEPTH_BLOCK, end - from);
        p.first = min_long(p.a_block_depth - inner, p.depth);
        multiply_rows(&p, row_begin, row_end);
        p.from_c = true;
        if (p.depth == 0) break;
    }
}
