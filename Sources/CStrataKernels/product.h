// What a product of one panel is, and how depths and columns of C are cut.
// Depths and strides count floats, or words of two numbers in bfloat16.
#pragma once
#include "half.h"

// The size of parts of `n` that are as many as those of `most` would be, but of about the same size:
// a small one at the end would cost nearly as much as a large one. A multiple of PART_UNIT, as `most` is.
enum { PART_UNIT = 16 };
SK_INLINE long even_part(long n, long most) {
    long parts = max_long(1, (n + most - 1) / most);
    return max_long(1, (n + parts * PART_UNIT - 1) / (parts * PART_UNIT)) * PART_UNIT;
}

// One panel's product over some of its depth: C[rows, 4L] = start + A * B.
typedef struct panel_product {
    const float *a;
    long a_row, a_k, a_block, a_block_depth;
    const float *b;      // the panel, at the first depth
    float *c;            // the panel
    long c_row, c_group;
    long depth;
    long first;          // depths before A's next block
    int groups;          // how many groups of the panel have columns
    long lanes[4];       // how many lanes of each group are stored
    bool full;           // all of them in these groups
    bool from_c;         // start from C, otherwise from `bias`
    sk_precision precision;
    vf bias[4];
} panel_product;

// Some rows of C, from `first` on, and a copy of them as rows of a panel. With `out`, from the copy to C; otherwise
// from C to the copy.
SK_INLINE void copy_c(
    const panel_product *p, float *first, float *copy, long rows, const bool out
) {
    for (long m = 0; m < rows; m++) {
        for (int g = 0; g < p->groups; g++) {
            float *c = first + m * p->c_row + g * p->c_group, *held = copy + m * W + g * L;
            if (out && p->full) store(c, load(held));
            else if (out) store_lanes(c, load(held), p->lanes[g]);
            else if (p->full) store(held, load(c));
            else store(held, load_lanes(c, p->lanes[g]));
        }
    }
}
