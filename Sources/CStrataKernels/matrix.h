// Products in pairs on a matrix unit (AMX), which multiplies tiles of 16 rows or depths by 16 words.
//
// One instruction adds a step of 16 words to 16 by 16 sums, as the contract orders it. Tiles always have
// their full size, since another one takes hundreds of cycles to set: edges are multiplied in copies.
#pragma once
#include "product.h"

enum { SIDE = SK_MATRIX_STEP };
_Static_assert(SIDE == SK_LANES, "a tile of B is a group of a panel");
_Static_assert(SIDE == SK_PAIR_STEP && PART_UNIT % SIDE == 0, "parts of a depth are whole steps");

// Depth that all rows pass before the next is touched, so that half a panel about fills the first cache.
// Deeper parts load and store sums less often.
enum { MATRIX_PART = 24 * SIDE };

typedef struct tile_setting {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_setting;
_Static_assert(sizeof(tile_setting) == 64, "as the processor reads it");

// Gives all tiles their full size, unless this thread's have it: to look takes a tenth of the time.
SK_INLINE void set_tiles(void) {
    tile_setting wanted = {.palette = 1}, found = {0};
    SK_UNROLL for (int i = 0; i < 8; i++) {
        wanted.row_bytes[i] = SIDE * sizeof(float);
        wanted.rows[i] = SIDE;
    }
    __builtin_ia32_tile_storeconfig(&found);
    if (memcmp(&wanted, &found, sizeof wanted) != 0) __builtin_ia32_tile_loadconfig(&wanted);
}

#define SK_LOAD_TILE(tile, from, row) __builtin_ia32_tileloadd64(tile, from, (row) * sizeof(float))
#define SK_STORE_TILE(tile, to, row) __builtin_ia32_tilestored64(tile, to, (row) * sizeof(float))
#define SK_ADD_TILES(sums, left, right) __builtin_ia32_tdpbf16ps(sums, left, right)

// Which tiles hold sums: two rows of tiles by two groups from `group` on, or one row by all four groups.
typedef struct sum_tiles { bool square; int group; } sum_tiles;

// Where the sums of tile i are, or what they start from.
SK_INLINE long place_of(const panel_product *p, const sum_tiles t, int i) {
    return t.square ? i / 2 * SIDE * p->c_row + (t.group + i % 2) * p->c_group : i * p->c_group;
}
SK_INLINE const float *start_of(const panel_product *p, const float *c, const sum_tiles t, int i) {
    return p->from_c ? c + place_of(p, t, i) : (const float *)&p->bias[t.square ? t.group + i % 2 : i];
}

SK_INLINE void start_sums(const panel_product *p, const float *c, const sum_tiles t) {
    // All rows of a bias are the same one.
    const long row = p->from_c ? p->c_row : 0;
    SK_LOAD_TILE(0, start_of(p, c, t, 0), row);
    SK_LOAD_TILE(1, start_of(p, c, t, 1), row);
    SK_LOAD_TILE(2, start_of(p, c, t, 2), row);
    SK_LOAD_TILE(3, start_of(p, c, t, 3), row);
}

SK_INLINE void store_sums(const panel_product *p, float *c, const sum_tiles t) {
    SK_STORE_TILE(0, c + place_of(p, t, 0), p->c_row);
    SK_STORE_TILE(1, c + place_of(p, t, 1), p->c_row);
    SK_STORE_TILE(2, c + place_of(p, t, 2), p->c_row);
    SK_STORE_TILE(3, c + place_of(p, t, 3), p->c_row);
}

SK_INLINE void add_step(const float *a, long a_row, const float *b, const sum_tiles t) {
    SK_LOAD_TILE(4, a, a_row);
    SK_LOAD_TILE(5, b + t.group * L, W);
    SK_ADD_TILES(0, 4, 5);
    SK_LOAD_TILE(6, b + (t.group + 1) * L, W);
    SK_ADD_TILES(1, 4, 6);
    if (t.square) {
        SK_LOAD_TILE(7, a + SIDE * a_row, a_row);
        SK_ADD_TILES(2, 7, 5);
        SK_ADD_TILES(3, 7, 6);
    } else {
        SK_LOAD_TILE(7, b + 2 * L, W);
        SK_ADD_TILES(2, 4, 7);
        SK_LOAD_TILE(5, b + 3 * L, W);
        SK_ADD_TILES(3, 4, 5);
    }
}

// Copies a step of some rows to a tile, filled up with zeros. Rows that are not there stay what they are:
// nobody reads their sums.
SK_INLINE void copy_step(float *to, const float *from, long row, long rows, long words) {
    for (long m = 0; m < rows; m++) store(to + m * SIDE, load_lanes(from + m * row, words));
}

// Where the next step of A begins, from one to the other in its block, which has `block` of them.
typedef struct step_place { long at, inner, block, jump; } step_place;

SK_INLINE step_place first_step(const panel_product *p) {
    const long block = p->a_block_depth / SIDE;
    // A block of a broken depth is the last.
    const long jump = p->a_block_depth % SIDE ? 0 : p->a_block - p->a_block_depth;
    return (step_place){0, block - p->first / SIDE, block, jump};
}
SK_INLINE void go_on(step_place *x) {
    x->at += SIDE;
    if (++x->inner < x->block) return;
    x->inner = 0;
    x->at += x->jump;
}

// `last`: the words of the panel behind its whole steps, filled up with zeros to one.
SK_INLINE void tile_sums_of(
    const panel_product *p, const float *last, const float *a, float *c, const sum_tiles t
) {
    const long steps = p->depth / SIDE, words = p->depth % SIDE;
    step_place place = first_step(p);
    start_sums(p, c, t);
    for (long i = 0; i < steps; i++, go_on(&place)) {
        add_step(a + place.at, p->a_row, p->b + i * SIDE * W, t);
    }
    if (words) {
        float left[2 * SIDE * SIDE];
        copy_step(left, a + place.at, p->a_row, t.square ? 2 * SIDE : SIDE, words);
        add_step(left, SIDE, last, t);
    }
    store_sums(p, c, t);
}

SK_NOINLINE void left_square(const panel_product *p, const float *last, const float *a, float *c) {
    tile_sums_of(p, last, a, c, (sum_tiles){true, 0});
}
SK_NOINLINE void right_square(const panel_product *p, const float *last, const float *a, float *c) {
    tile_sums_of(p, last, a, c, (sum_tiles){true, 2});
}
SK_NOINLINE void row_of_tiles(const panel_product *p, const float *last, const float *a, float *c) {
    tile_sums_of(p, last, a, c, (sum_tiles){false, 0});
}

// At most 16 rows, of any panel: by way of copies of A and C.
SK_NOINLINE void edge_of_tiles(
    const panel_product *p, const float *last, const float *a, float *c, long rows
) {
    float left[MATRIX_PART * SIDE], sums[SIDE * W];
    panel_product copy = *p;
    copy.a_row = copy.a_block_depth = copy.first = SIDE;
    copy.a_block = SIDE * SIDE;
    copy.c_row = W;
    copy.c_group = L;
    step_place place = first_step(p);
    for (long k = 0; k < p->depth; k += SIDE, go_on(&place)) {
        copy_step(left + k * SIDE, a + place.at, p->a_row, rows, min_long(SIDE, p->depth - k));
    }
    if (p->from_c) copy_c(p, c, sums, rows, false);
    row_of_tiles(&copy, last, left, sums);
    copy_c(p, c, sums, rows, true);
}

// Some rows by a part of the depth.
SK_INLINE void multiply_tiles(
    const panel_product *p, const float *last, long row_begin, long row_end
) {
    const bool is_whole = p->full && p->groups == 4;
    const long rows = row_end - row_begin;
    const long squares = is_whole ? row_begin + rows / (2 * SIDE) * (2 * SIDE) : row_begin;
    for (long row = row_begin; row < squares; row += 2 * SIDE) {
        left_square(p, last, p->a + row * p->a_row, p->c + row * p->c_row);
    }
    for (long row = row_begin; row < squares; row += 2 * SIDE) {
        right_square(p, last, p->a + row * p->a_row, p->c + row * p->c_row);
    }
    for (long row = squares; row < row_end; row += SIDE) {
        const float *a = p->a + row * p->a_row;
        float *c = p->c + row * p->c_row;
        if (is_whole && row_end - row >= SIDE) row_of_tiles(p, last, a, c);
        else edge_of_tiles(p, last, a, c, min_long(SIDE, row_end - row));
    }
}

// As multiply_panel. All of a depth but its end lies in whole steps: `begin`, and `end` unless it is the
// depth's, is a multiple of them.
SK_NOINLINE void matrix_panel(
    panel_product p, long begin, long end, long row_begin, long row_end
) {
    const float *a = p.a, *b = p.b;
    const long part = even_part(end - begin, MATRIX_PART), words = (end - begin) % SIDE;
    float last[SIDE * W];
    if (words) memset(last, 0, sizeof last);
    if (words) memcpy(last, b + (end - words) * W, (size_t)(words * W) * sizeof *b);
    set_tiles();
    for (long from = begin; from == begin || from < end; from += part) {
        const long inner = from % p.a_block_depth;
        p.a = a + from / p.a_block_depth * p.a_block + inner;
        p.b = b + from * W;
        p.depth = min_long(part, end - from);
        p.first = p.a_block_depth - inner;
        multiply_tiles(&p, last, row_begin, row_end);
        p.from_c = true;
    }
}
