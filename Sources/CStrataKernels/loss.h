// Losses, row by row, with their gradients.
#pragma once
#include "rows.h"

static void softmax_cross_entropy(
    double *loss, float *dx, long dx_row, const float *x, long x_row, const int32_t *target,
    const float *weights, float weight, long rows, long columns
) {
    for (long r = 0; r < rows; r++, x += x_row) {
        float w = weights ? weights[r] : weight;
        float *gradient = dx ? dx + r * dx_row : NULL;
        int32_t t = target[r];
        loss[r] = 0;
        if (t < 0 || w == 0) {
            if (gradient) clear_row(gradient, columns);
            continue;
        }
        float maximum = row_maximum(x, columns);
        double shifted = (double)x[t] - maximum;
        double sum = row_exponentials(gradient, x, maximum, columns);
        loss[r] = log(sum) - shifted;
        if (!gradient) continue;
        // p - 1 as minus the sum of the others, which keeps its digits where p is nearly one.
        double others = sum - gradient[t];
        scale_row(gradient, (float)(w / sum), columns);
        gradient[t] = (float)(-w * (others / sum));
    }
}

typedef struct term { vf loss, slope; } term;

// log 0 is avoided by moving an output to at least this far from it.
#define SK_SMALLEST_PROBABILITY 1e-7f

// The term of one column and its derivative by y.
SK_INLINE term loss_term(sk_loss kind, vf y, vf t) {
    switch (kind) {
    case SK_MSE: {
        vf d = y - t;
        return (term){d * d, d * 2.0f};
    }
    case SK_MAE: {
        vf d = y - t;
        vf sign = with_sign(splat(1), d);
        return (term){absolute(d), select(d == 0.0f, splat(0), select(d != d, d, sign))};
    }
    case SK_BINARY_CROSS_ENTROPY: {
        vf p = at_least(at_most(y, 1.0f - SK_SMALLEST_PROBABILITY), SK_SMALLEST_PROBABILITY);
        vf q = 1.0f - p;
        return (term){-(t * vlog(p) + (1.0f - t) * vlog(q)), (p - t) / (p * q)};
    }
    case SK_BINARY_CROSS_ENTROPY_LOGITS: {
        // log(1 + exp y) - y t, as log1p(exp(-|y|)) + max(y, 0) - y t so that nothing cancels.
        vf positive = select(y < 0.0f, splat(0), y);
        return (term){vlog1p(vexp(-absolute(y))) + (positive - y * t), vsigmoid(y) - t};
    }
    case SK_CROSS_ENTROPY:
    case SK_CROSS_ENTROPY_LOGITS: break;  // the latter needs the whole row
    }
    vf p = at_least(y, SK_SMALLEST_PROBABILITY);
    return (term){-(t * vlog(p)), -t / p};
}

// Sum over a row's terms; dy = slope * factor when dy is not NULL.
SK_INLINE double loss_row(
    sk_loss kind, float *dy, const float *y, const float *t, float factor, long columns
) {
    vd sum = {0};
    SK_FOR_VECTORS(columns, {
        term next = loss_term(kind, load(y + j), load(t + j));
        sum += widen(keep(next.loss, valid));
        if (dy) store(dy + j, keep(next.slope * factor, valid));
    })
    return sum_lanes(sum);
}

SK_INLINE double softmax_loss_row(
    float *dy, const float *y, const float *t, float factor, long columns
) {
    float maximum = row_maximum(y, columns);
    // First, because dy may be y.
    vd product = {0};
    SK_FOR_VECTORS(columns, {
        product += widen(keep(load(t + j), valid)) * widen(keep(load(y + j) - maximum, valid));
    })
    double sum = row_exponentials(dy, y, maximum, columns);
    float scale = (float)(1 / sum);
    if (dy) {
        SK_FOR_VECTORS(columns, {
            vf slope = load(dy + j) * scale - load(t + j);
            store(dy + j, keep(slope * factor, valid));
        })
    }
    return log(sum) - sum_lanes(product);
}

static void dense_loss(
    double *loss, float *dy, long dy_row, const float *y, long y_row, const float *t, long t_row,
    sk_loss kind, const float *weights, float weight, long rows, long columns
) {
    for (long r = 0; r < rows; r++, y += y_row, t += t_row) {
        float w = weights ? weights[r] : weight;
        float *gradient = dy ? dy + r * dy_row : NULL;
        loss[r] = 0;
        if (w == 0) {
            if (gradient) clear_row(gradient, columns);
            continue;
        }
        float mean = w / (float)columns;
        switch (kind) {
        case SK_MSE:
            loss[r] = loss_row(SK_MSE, gradient, y, t, mean, columns) / columns;
            break;
        case SK_MAE:
            loss[r] = loss_row(SK_MAE, gradient, y, t, mean, columns) / columns;
            break;
        case SK_BINARY_CROSS_ENTROPY:
            loss[r] = loss_row(SK_BINARY_CROSS_ENTROPY, gradient, y, t, mean, columns) / columns;
            break;
        case SK_BINARY_CROSS_ENTROPY_LOGITS:
            loss[r] =
                loss_row(SK_BINARY_CROSS_ENTROPY_LOGITS, gradient, y, t, mean, columns) / columns;
            break;
        case SK_CROSS_ENTROPY:
            loss[r] = loss_row(SK_CROSS_ENTROPY, gradient, y, t, w, columns);
            break;
        case SK_CROSS_ENTROPY_LOGITS:
            loss[r] = softmax_loss_row(gradient, y, t, w, columns);
            break;
        }
    }
}
