// Products of a single row with weights in int8.
#pragma once
#include "int8.h"
#include "tile.h"

// The sums of one panel: start + integer sum * scale of the block * scale of the column.
SK_INLINE void store_byte_sums(
    const panel_product *p, long row, const short_block *block, const short_sum sum[4]
) {
    SK_UNROLL for (int g = 0; g < 4; g++) {
        float *c = p->c + row * p->c_row + g * p->c_group;
        vf start = p->from_c || block->first > 0 ? load_lanes(c, p->lanes[g]) : p->bias[g];
        // One operation each, so that none is fused and the bits are the same everywhere.
        vf product = __builtin_convertvector(sum_of_places(sum[g]), vf);
        product = product * splat(block->scale);
        product = product * load(p->b + g * L);
        product = start + product;
        store_lanes(c, product, p->lanes[g]);
    }
}

// A block of a row by one or two panels.
SK_INLINE void bytes_of_panels(
    const panel_product *p, long row, const short_block *block, const int panels
) {
    const int8_t *b[2];
    short_sum sum[2][4] = {{{0}}};
    SK_UNROLL for (int q = 0; q < panels; q++) {
        b[q] = (const int8_t *)(p[q].b + W) + block->first * W;
    }
    for (long k = 0; k < block->depth; k += 2) {
        v_shorts left = splat_shorts(block->numbers + k);
        SK_UNROLL for (int q = 0; q < panels; q++) {
            SK_UNROLL for (int g = 0; g < 4; g++) {
                v_shorts right = load_bytes(b[q] + k * W + g * 2 * L);
                sum[q][g] = add_products(sum[q][g], right, left);
            }
        }
    }
    SK_UNROLL for (int q = 0; q < panels; q++) store_byte_sums(p + q, row, block, sum[q]);
}

SK_NOINLINE void bytes_of_one(const panel_product *p, long row, const short_block *block) {
    bytes_of_panels(p, row, block, 1);
}
SK_NOINLINE void bytes_of_two(const panel_product *p, long row, const short_block *block) {
    bytes_of_panels(p, row, block, 2);
}

// Whether weights are in int8: with a depth of one they stay in float32, without room for scales.
SK_INLINE bool has_bytes(sk_precision precision, long depth) {
    return precision == SK_INT8_WEIGHTS && depth > 1;
}

// The next one or two of `count` panels; returns how many.
SK_INLINE long multiply_bytes(
    const panel_product p[2], long row, const short_block *block, long count
) {
    if (count < 2) {
        bytes_of_one(p, row, block);
        return 1;
    }
    bytes_of_two(p, row, block);
    return 2;
}
