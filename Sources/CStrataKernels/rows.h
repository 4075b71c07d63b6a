// Kernels on rows of activations. Whole vectors of a row's padding are written, with zeros there.
#pragma once
#include "activation.h"

// Runs `body` for each vector of a row: column `j`, and `valid` marks the lanes that exist.
#define SK_FOR_VECTORS(columns, body)                                                              \
    for (long j = 0; j < (columns); j += L) {                                                      \
        const vi valid = lane_mask((columns) - j);                                                 \
        body;                                                                                      \
    }

static void activate(
    float *y, long y_row, const float *x, long x_row, sk_activation f, long rows, long columns
) {
    SK_FOR_ACTIVATION(f, {
        for (long r = 0; r < rows; r++, y += y_row, x += x_row) {
            SK_FOR_VECTORS(columns, store(y + j, keep(activation_value(F, load(x + j)), valid)))
        }
    })
}

static void activate_backward(
    float *dx, long dx_row, const float *dy, long dy_row, const float *x, long x_row,
    const float *y, long y_row, sk_activation f, long rows, long columns
) {
    SK_FOR_ACTIVATION(f, {
        for (long r = 0; r < rows; r++) {
            const float *output = y + r * y_row;
            const float *input = needs_input(F) ? x + r * x_row : output;
            SK_FOR_VECTORS(columns, {
                vf slope = activation_slope(F, load(input + j), load(output + j));
                store(dx + r * dx_row + j, keep(load(dy + r * dy_row + j) * slope, valid));
            })
        }
    })
}

// A NaN may be lost here; it returns in the exponentials.
SK_INLINE float row_maximum(const float *x, long columns) {
    vf top = splat(-INFINITY);
    SK_FOR_VECTORS(columns, {
        vf next = load(x + j);
        top = select((next > top) & valid, next, top);
    })
    float maximum = -INFINITY;
    for (int i = 0; i < SK_LANES; i++) maximum = top[i] > maximum ? top[i] : maximum;
    return maximum;
}

// y = exp(x - maximum), and the sum in double: beside a one, float would lose the small terms that
// decide the loss of a confident prediction. y may be x or NULL.
SK_INLINE double row_exponentials(float *y, const float *x, float maximum, long columns) {
    vd sum = {0};
    SK_FOR_VECTORS(columns, {
        vf e = keep(vexp(load(x + j) - maximum), valid);
        if (y) store(y + j, e);
        sum += widen(e);
    })
    return sum_lanes(sum);
}

SK_INLINE void scale_row(float *y, float factor, long columns) {
    for (long j = 0; j < columns; j += L) store(y + j, load(y + j) * factor);
}

SK_INLINE void clear_row(float *y, long columns) {
    for (long j = 0; j < columns; j += L) store(y + j, splat(0));
}

static void softmax(float *y, long y_row, const float *x, long x_row, long rows, long columns) {
    for (long r = 0; r < rows; r++, y += y_row, x += x_row) {
        double sum = row_exponentials(y, x, row_maximum(x, columns), columns);
        scale_row(y, (float)(1 / sum), columns);
    }
}

static void softmax_backward(
    float *dx, long dx_row, const float *dy, long dy_row, const float *y, long y_row, long rows,
    long columns
) {
    for (long r = 0; r < rows; r++, dx += dx_row, dy += dy_row, y += y_row) {
        vd sum = {0};
        SK_FOR_VECTORS(columns, sum += widen(keep(load(dy + j) * load(y + j), valid)))
        float mean = (float)sum_lanes(sum);
        SK_FOR_VECTORS(columns, store(dx + j, keep(load(y + j) * (load(dy + j) - mean), valid)))
    }
}

// A table row is dense, so its end is read and written exactly.
static void gather(
    float *y, long y_row, const float *table, long columns, const int32_t *tokens, long rows
) {
    for (long r = 0; r < rows; r++, y += y_row) {
        if (tokens[r] < 0) {
            clear_row(y, columns);
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

static void column_sums(
    float *db, const float *dy, long dy_row, long rows, long column_begin, long column_end
) {
    for (long j = column_begin; j < column_end; j += L) {
        long valid = column_end - j;
        vf sum = splat(0);
        for (long r = 0; r < rows; r++) sum += load_lanes(dy + r * dy_row + j, valid);
        store_lanes(db + j, load_lanes(db + j, valid) + sum, valid);
    }
}
