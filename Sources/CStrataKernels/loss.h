// Losses, row by row, with their gradients.
#pragma once
#include "rows.h"

static void softmax_cross_entropy(
    double *loss, float *dx, const float *x, long row, long panel, const int32_t *target,
    const float *weights, long rows, long columns
) {
    for (long r = 0; r < rows; r++, x += row) {
        float *gradient = dx ? dx + r * row : NULL;
        int32_t t = target[r];
        loss[r] = 0;
        if (t < 0 || weights[r] == 0) {
            if (gradient) clear_row(gradient, panel, columns);
            continue;
        }
        float maximum = row_maximum(x, panel, columns);
        double shifted = (double)x[place(t, panel)] - maximum;
        double sum = row_exponentials(gradient, x, row, panel, maximum, columns);
        loss[r] = log(sum) - shifted;
        if (!gradient) continue;
        // p - 1 as minus the sum of the others, which keeps its digits where p is nearly one.
        float *right = gradient + place(t, panel);
        double others = sum - *right;
        scale_row(gradient, panel, (float)(weights[r] / sum), columns);
        *right = (float)(-weights[r] * (others / sum));
    }
}

typedef struct term { vd loss; vf slope; } term;

// The term of one column and its derivative by y.
SK_INLINE term loss_term(sk_loss kind, vf y, vf t) {
    vf d = y - t;
    switch (kind) {
    case SK_MSE:
        // The square may leave the range of floats, though no slope does.
        return (term){widen(d) * widen(d), d * 2.0f};
    case SK_MAE: {
        vf sign = with_sign(splat(1), d);
        return (term){
            widen(absolute(d)), select(d == 0.0f, splat(0), select(d != d, d, sign))};
    }
    default: {  // SK_BINARY_CROSS_ENTROPY: softmax_loss_row has the other one, which needs the whole row
        // log(1 + exp y) - y t, as log1p(exp(-|y|)) + max(y, 0) - y t so that nothing cancels.
        vf positive = select(y < 0.0f, splat(0), y);
        return (term){
            widen(vlog1p(vexp(-absolute(y))) + (positive - y * t)), vsigmoid(y) - t};
    }
    }
}

// A row of outputs in panels, and the targets beside it, which are dense rows.
typedef struct loss_row_of { float *dy; const float *y, *t; long row, panel, columns; } loss_row_of;

// Sum over a row's terms; dy = slope * factor when dy is not NULL.
SK_INLINE double loss_row(sk_loss kind, loss_row_of x, float factor) {
    vd sum = {0};
    SK_FOR_PLACES(x.columns, x.panel, {
        fetch_soon(x.y, at + x.row);
        term next = loss_term(kind, load(x.y + at), load(x.t + j));
        sum += keep_wide(next.loss, valid);
        if (x.dy) store(x.dy + at, keep(next.slope * factor, valid));
    })
    return sum_lanes(sum);
}

SK_INLINE double softmax_loss_row(loss_row_of x, float factor) {
    float maximum = row_maximum(x.y, x.panel, x.columns);
    // First, because dy may be y.
    vd product = {0}, targets = {0};
    SK_FOR_PLACES(x.columns, x.panel, {
        vf shifted = load(x.y + at) - maximum;
        vd t = widen(keep(load(x.t + j), valid));
        targets += t;
        product += t * widen(keep(shifted, valid));
    })
    const double total = sum_lanes(targets);
    double sum = row_exponentials(x.dy, x.y, x.row, x.panel, maximum, x.columns);
    float scale = (float)(total / sum);
    if (x.dy) {
        SK_FOR_PLACES(x.columns, x.panel, {
            vf slope = load(x.dy + at) * scale - load(x.t + j);
            store(x.dy + at, keep(slope * factor, valid));
        })
    }
    return total * log(sum) - sum_lanes(product);
}

static void dense_loss(
    double *loss, float *dy, const float *y, long row, long panel, const float *t, long t_row,
    sk_loss kind, const float *weights, long rows, long columns
) {
    for (long r = 0; r < rows; r++, y += row, t += t_row) {
        float w = weights[r];
        loss_row_of x = {dy ? dy + r * row : NULL, y, t, row, panel, columns};
        loss[r] = 0;
        if (w == 0) {
            if (x.dy) clear_row(x.dy, panel, columns);
            continue;
        }
        float mean = w / (float)columns;
        switch (kind) {
        case SK_MSE: loss[r] = loss_row(SK_MSE, x, mean) / columns; break;
        case SK_MAE: loss[r] = loss_row(SK_MAE, x, mean) / columns; break;
        case SK_BINARY_CROSS_ENTROPY:
            loss[r] = loss_row(SK_BINARY_CROSS_ENTROPY, x, mean) / columns;
            break;
        case SK_CROSS_ENTROPY: loss[r] = softmax_loss_row(x, w); break;
        }
    }
}
