// Kernels on rows of activations. Whole vectors of a row's padding are written, with zeros there.
#pragma once
#include "chain.h"

// Where column j of a row is, whose panels of 4 L columns are `panel` floats apart.
SK_INLINE long place(long j, long panel) {
    return (long)((unsigned long)j / W) * panel + (long)((unsigned long)j % W);
}

// Runs `body` for each vector of a row that may be cut into panels: the vector is at `at`, and `valid` marks
// the lanes that exist.
#define SK_FOR_PLACES(columns, panel, body)                                                        \
    for (long j = 0; j < (columns); j += L) {                                                      \
        const long at = place(j, panel);                                                           \
        const vi valid = lane_mask((columns) - j);                                                 \
        body;                                                                                      \
    }

// A NaN may be lost here; it returns in the exponentials.
SK_INLINE float row_maximum(const float *x, long panel, long columns) {
    vf top[4];
    SK_UNROLL for (int g = 0; g < 4; g++) top[g] = splat(-INFINITY);
    long whole = columns / W;
    for (long p = 0; p < whole; p++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf next = load(x + p * panel + g * L);
            top[g] = select(next > top[g], next, top[g]);
        }
    }
    for (long j = whole * W, g = 0; j < columns; j += L, g++) {
        vf next = load(x + whole * panel + g * L);
        top[0] = select((next > top[0]) & lane_mask(columns - j), next, top[0]);
    }
    SK_UNROLL for (int g = 1; g < 4; g++) top[0] = select(top[g] > top[0], top[g], top[0]);
    float lane[SK_LANES];
    store(lane, top[0]);
    // The larger half by half: one after the other, each would wait for the one before.
    SK_UNROLL for (int n = L / 2; n > 0; n /= 2) {
        SK_UNROLL for (int i = 0; i < n; i++) {
            lane[i] = lane[i + n] > lane[i] ? lane[i + n] : lane[i];
        }
    }
    return lane[0];
}

// y = exp(x - maximum), and the sum in double: beside a one, float would lose the small terms that
// decide the loss of a confident prediction. y may be x or NULL. The pieces of a row in panels are too
// far apart for the processor to foresee, so those of the row behind it are asked for meanwhile.
SK_INLINE double row_exponentials(
    float *y, const float *x, long row, long panel, float maximum, long columns
) {
    vd sum = {0};
    long whole = columns / W;
    for (long p = 0; p < whole; p++) {
        const float *from = x + p * panel;
        SK_UNROLL for (int g = 0; g < 4; g++) {
            fetch_soon(from, row + g * L);
            vf e = exp_for_sum(load(from + g * L) - maximum);
            if (y) store(y + p * panel + g * L, e);
            sum += widen(e);
        }
    }
    for (long j = whole * W; j < columns; j += L) {
        const long at = place(j, panel);
        vf e = keep(exp_for_sum(load(x + at) - maximum), lane_mask(columns - j));
        if (y) store(y + at, e);
        sum += widen(e);
    }
    return sum_lanes(sum);
}

SK_INLINE void scale_row(float *y, long panel, float factor, long columns) {
    for (long j = 0; j < columns; j += L) {
        float *to = y + place(j, panel);
        store(to, load(to) * factor);
    }
}

SK_INLINE void clear_row(float *y, long panel, long columns) {
    for (long j = 0; j < columns; j += L) store(y + place(j, panel), splat(0));
}

static void softmax(float *y, const float *x, long row, long panel, long rows, long columns) {
    for (long r = 0; r < rows; r++, y += row, x += row) {
        double sum = row_exponentials(y, x, row, panel, row_maximum(x, panel, columns), columns);
        scale_row(y, panel, (float)(1 / sum), columns);
    }
}

static void softmax_backward(
    float *dx, const float *dy, const float *y, long row, long panel, long rows, long columns
) {
    for (long r = 0; r < rows; r++, dx += row, dy += row, y += row) {
        vd sum = {0};
        SK_FOR_PLACES(
            columns, panel, sum += widen(keep(load(dy + at) * load(y + at), valid)))
        float mean = (float)sum_lanes(sum);
        SK_FOR_PLACES(
            columns, panel, store(dx + at, keep(load(y + at) * (load(dy + at) - mean), valid)))
    }
}

// A table row is dense, so its end is read and written exactly.
static void gather(
    float *y, long y_row, const float *table, long columns, const int32_t *tokens, long rows
) {
    for (long r = 0; r < rows; r++, y += y_row) {
        if (tokens[r] < 0) {
            clear_row(y, W, columns);
            continue;
        }
        const float *from = table + tokens[r] * columns;
        for (long j = 0; j < columns; j += L) store(y + j, load_lanes(from + j, columns - j));
    }
}

static void scatter_add(
    float *dtable, long columns, const float *dy, long dy_row, const int32_t *tokens, long rows,
    long column_begin, long column_end
) {
    for (long r = 0; r < rows; r++, dy += dy_row) {
        if (tokens[r] < 0) continue;
        float *to = dtable + tokens[r] * columns;
        for (long j = column_begin; j < column_end; j += L) {
            long valid = column_end - j;
            store_lanes(to + j, load_lanes(to + j, valid) + load_lanes(dy + j, valid), valid);
        }
    }
}

// Continues the chain of additions that db holds, so that it does not matter how often it is called
// for the same rows. Four vectors side by side, as each waits for its own sum.
static void column_sums(
    float *db, const float *dy, long dy_row, long rows, long column_begin, long column_end
) {
    for (long j = column_begin; j < column_end; j += W) {
        long valid[4];
        vf sum[4];
        SK_UNROLL for (int g = 0; g < 4; g++) {
            valid[g] = max_long(0, min_long(L, column_end - j - g * L));
            sum[g] = load_lanes(db + j + g * L, valid[g]);
        }
        const float *from = dy + j;
        for (long r = 0; r < rows; r++, from += dy_row) {
            if (valid[3] == L) {
                SK_UNROLL for (int g = 0; g < 4; g++) sum[g] += load(from + g * L);
                continue;
            }
            SK_UNROLL for (int g = 0; g < 4; g++) sum[g] += load_lanes(from + g * L, valid[g]);
        }
        SK_UNROLL for (int g = 0; g < 4; g++) store_lanes(db + j + g * L, sum[g], valid[g]);
    }
}
