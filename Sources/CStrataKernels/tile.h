// The register tile that all products share: up to SK_TILE_ROWS rows by one panel of 4 L columns, or by
// the first of its groups of L where the others have none.
#pragma once
#include "product.h"
#ifdef SK_MATRIX_STEP
#include "matrix.h"
#endif

// Depth of the part of a panel that all rows pass before the next part is touched, so that the part
// stays in the first cache, or, where tiles are so tall that the second one is fast enough, in that.
// Sums continue from C, so the order of additions does not depend on it.
enum { DEPTH_BLOCK = SK_DEPTH_BLOCK };

// The step that all products are made of: of one depth, or of a pair of them.
SK_INLINE vf splat_left(const float *a, const bool pairs) {
    return pairs ? splat_word(a) : splat(*a);
}
SK_INLINE vf multiply_add(vf sum, vf left, vf right, const bool pairs) {
    return pairs ? add_pairs(sum, left, right) : left * right + sum;
}

// What a tile's code is made for.
typedef struct tile_shape { int rows, groups; bool pairs; } tile_shape;

#define SK_EACH_ROW SK_UNROLL for (int m = 0; m < tile.rows; m++)
#define SK_EACH_GROUP SK_UNROLL for (int g = 0; g < tile.groups; g++)

SK_INLINE void tile_multiply(
    vf sum[][4], const tile_shape tile, const float *a, long a_row, long a_k, const float *b,
    long depth
) {
    for (long k = 0; k < depth; k++, a += a_k, b += W) {
#ifdef SK_PANEL_AHEAD
        SK_EACH_GROUP fetch_soon(b, SK_PANEL_AHEAD * W + g * L);
#endif
        vf left[SK_TILE_ROWS];
        SK_EACH_ROW left[m] = splat_left(a + m * a_row, tile.pairs);
        SK_EACH_GROUP {
            vf right = load(b + g * L);
            SK_EACH_ROW sum[m][g] = multiply_add(sum[m][g], left[m], right, tile.pairs);
        }
    }
}

#ifdef SK_LANE_OPERANDS
// Where a multiply-add takes its left-hand number from any lane of a register, a load of several
// numbers at once takes the place of a broadcast of each, which on most such processors keeps a
// unit for multiply-adds busy.
SK_INLINE void tile_add_lanes(
    vf sum[][4], const tile_shape tile, const vf left[], const int stride, const int first,
    const float *b
) {
    SK_EACH_GROUP {
        vf right = load(b + g * L);
        SK_EACH_ROW {
            int lane = first + m * stride;
            sum[m][g] = splat(left[lane / L][lane % L]) * right + sum[m][g];
        }
    }
}

// An A whose rows are contiguous: L depths of each row at a time.
SK_INLINE long tile_lanes_of_rows(
    vf sum[][4], const tile_shape tile, const float *a, long a_row, const float *b, long depth
) {
    long k = 0;
    for (; k + L <= depth; k += L) {
        vf left[SK_TILE_ROWS];
        SK_EACH_ROW left[m] = load(a + m * a_row + k);
        SK_UNROLL for (int i = 0; i < L; i++) tile_add_lanes(sum, tile, left, L, i, b + (k + i) * W);
    }
    return k;
}

// An A in strips: all rows of one depth at a time, when they fill a vector.
SK_INLINE long tile_lanes_of_strip(
    vf sum[][4], const tile_shape tile, const float *a, long a_k, const float *b, long depth
) {
    _Static_assert(SK_TILE_ROWS <= 2 * SK_LANES, "two vectors hold a depth of all rows");
    if (tile.rows < L) return 0;
    for (long k = 0; k < depth; k++, a += a_k) {
        vf left[2] = {load(a)};
        SK_UNROLL for (int m = L; m < tile.rows; m++) left[1][m - L] = a[m];
        tile_add_lanes(sum, tile, left, 1, 0, b + k * W);
    }
    return depth;
}
#endif

// The depths of one block of A.
SK_INLINE void tile_block(
    const panel_product *p, vf sum[][4], const tile_shape tile, const float *a, const float *b,
    long depth
) {
    long done = 0;
#ifdef SK_LANE_OPERANDS
    if (!tile.pairs && p->a_k == 1) done = tile_lanes_of_rows(sum, tile, a, p->a_row, b, depth);
    else if (!tile.pairs && p->a_row == 1) {
        done = tile_lanes_of_strip(sum, tile, a, p->a_k, b, depth);
    }
#endif
    tile_multiply(sum, tile, a + done * p->a_k, p->a_row, p->a_k, b + done * W, depth - done);
}

// Brings what a tile reads of the block of A at a[offset] closer: where its rows lie far from those of the
// block before, or are the first of other rows, no processor foresees them.
SK_INLINE void fetch_block(
    const panel_product *p, const float *a, long offset, const tile_shape tile
) {
    for (long k = 0; k < p->a_block_depth; k += LINE) {
        SK_EACH_ROW fetch_soon(a, offset + m * p->a_row + k);
    }
}

SK_INLINE void tile_sums(const panel_product *p, const float *a, float *c, const tile_shape tile) {
    const long c_row = p->c_row, c_group = p->c_group;
    vf sum[SK_TILE_ROWS][4];
    if (p->from_c) {
        SK_EACH_ROW SK_EACH_GROUP sum[m][g] = load(c + m * c_row + g * c_group);
    } else {
        SK_EACH_ROW SK_EACH_GROUP sum[m][g] = p->bias[g];
    }
    const float *b = p->b;
    // What is written next comes into the first cache meanwhile: rows of a dense C are too far apart for a
    // processor to foresee them.
    const long ahead = p->from_c ? tile.rows : 0;
    SK_EACH_ROW SK_EACH_GROUP fetch_for_writing(c, (ahead + m) * c_row + g * c_group);
    const float *first = a;
    long left = p->depth, depth = p->first;
    for (;;) {
        const long next = p->a_block - (p->a_block_depth - depth) * p->a_k;
        if (p->a_block && left > depth) fetch_block(p, a, next, tile);
        else if (p->a_block) fetch_block(p, first, tile.rows * p->a_row, tile);
        tile_block(p, sum, tile, a, b, depth);
        left -= depth;
        if (left == 0) break;
        a += next;
        b += depth * W;
        depth = min_long(p->a_block_depth, left);
    }
    SK_EACH_ROW SK_EACH_GROUP store(c + m * c_row + g * c_group, sum[m][g]);
}

// A matrix unit has tiles of its own for pairs.
#ifdef SK_MATRIX_STEP
#define SK_PAIRS_TILE(rows, groups)
#define SK_PAIRS_NAMES(rows) {NULL}
#else
#define SK_PAIRS_TILE(rows, groups)                                                                \
    SK_NOINLINE void pairs_##rows##x##groups(const panel_product *p, const float *a, float *c) {   \
        tile_sums(p, a, c, (tile_shape){rows, groups, true});                                      \
    }
#define SK_PAIRS_NAMES(rows)                                                                       \
    {pairs_##rows##x1, pairs_##rows##x2, pairs_##rows##x3, pairs_##rows##x4}
#endif

// A function for every shape: in one for several, each would cost the others their registers.
#define SK_TILE(rows, groups)                                                                      \
    SK_NOINLINE void tile_##rows##x##groups(const panel_product *p, const float *a, float *c) {    \
        tile_sums(p, a, c, (tile_shape){rows, groups, false});                                     \
    }                                                                                              \
    SK_PAIRS_TILE(rows, groups)
#define SK_TILES(rows) SK_TILE(rows, 1) SK_TILE(rows, 2) SK_TILE(rows, 3) SK_TILE(rows, 4)
#define SK_TILE_NAMES(rows)                                                                        \
    {                                                                                              \
        {tile_##rows##x1, tile_##rows##x2, tile_##rows##x3, tile_##rows##x4},                      \
        SK_PAIRS_NAMES(rows),                                                                      \
    },

SK_TILES(1)
#if SK_TILE_ROWS >= 2
SK_TILES(2)
#endif
#if SK_TILE_ROWS >= 3
SK_TILES(3)
#endif
#if SK_TILE_ROWS >= 4
SK_TILES(4)
#endif
#if SK_TILE_ROWS >= 5
SK_TILES(5)
#endif
#if SK_TILE_ROWS >= 6
SK_TILES(6)
#endif

// By rows, pairs and groups.
typedef void tile_function(const panel_product *p, const float *a, float *c);
static tile_function *const tile_functions[SK_TILE_ROWS][2][4] = {
    SK_TILE_NAMES(1)
#if SK_TILE_ROWS >= 2
    SK_TILE_NAMES(2)
#endif
#if SK_TILE_ROWS >= 3
    SK_TILE_NAMES(3)
#endif
#if SK_TILE_ROWS >= 4
    SK_TILE_NAMES(4)
#endif
#if SK_TILE_ROWS >= 5
    SK_TILE_NAMES(5)
#endif
#if SK_TILE_ROWS >= 6
    SK_TILE_NAMES(6)
#endif
};

SK_INLINE void tile_of(const panel_product *p, const float *a, float *c, long rows) {
    tile_functions[rows - 1][p->precision == SK_BFLOAT16][p->groups - 1](p, a, c);
}

// A remainder is shared by the last two tiles, since a tile of one row waits for its own sums.
SK_INLINE long tile_height(long left) {
    if (left <= SK_TILE_ROWS) return left;
    return left >= 2 * SK_TILE_ROWS ? SK_TILE_ROWS : (left + 1) / 2;
}

// A panel whose rows in C are shorter than its vectors: by way of a copy.
SK_NOINLINE void partial_tile(const panel_product *p, const float *a, float *c, long rows) {
    float copy[SK_TILE_ROWS * W];
    panel_product whole = *p;
    whole.c_row = W;
    whole.c_group = L;
    if (p->from_c) copy_c(p, c, copy, rows, false);
    tile_of(&whole, a, copy, rows);
    copy_c(p, c, copy, rows, true);
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
#ifdef SK_MATRIX_STEP
    if (p.precision == SK_BFLOAT16) {
        matrix_panel(p, begin, end, row_begin, row_end);
        return;
    }
#endif
    const float *a = p.a, *b = p.b;
    const long part = even_part(end - begin, DEPTH_BLOCK);
    // A depth of zero still has to write the start values.
    for (long from = begin; from == begin || from < end; from += p.depth) {
        long block = from / p.a_block_depth, inner = from % p.a_block_depth;
        p.a = a + block * p.a_block + inner * p.a_k;
        p.b = b + from * W;
        p.depth = min_long(part, end - from);
        p.first = min_long(p.a_block_depth - inner, p.depth);
        multiply_rows(&p, row_begin, row_end);
        p.from_c = true;
        if (p.depth == 0) break;
    }
}
