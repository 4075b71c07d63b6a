// Chains of functions of single values. A few vectors go through all functions before the next ones do, so
// that between these they stay in the first cache.
#pragma once
#include "activation.h"

// Floats of a row that go through a chain together.
enum { PIECE = 8 * SK_LANES };

typedef uint32_t vu __attribute__((vector_size(4 * SK_LANES)));

// The lanes that dropout keeps, of places from `place` on.
SK_INLINE vi kept_lanes(const sk_stage *s, uint32_t place) {
    vu x;
    SK_UNROLL for (int i = 0; i < SK_LANES; i++) x[i] = place + (uint32_t)i;
    x ^= s->low;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15) ^ s->high) * 0x846ca68bu;
    x ^= x >> 16;
    return (vi)(x >= s->threshold);
}

// In place on `count` vectors, of values or of their gradients.
SK_INLINE void drop_vectors(float *x, long count, const sk_stage *s, uint32_t place) {
    for (long i = 0; i < count; i++, x += L, place += L) {
        store(x, keep(load(x) * s->scale, kept_lanes(s, place)));
    }
}

SK_INLINE void apply_stage(float *x, long count, const sk_stage *s, uint32_t place) {
    if (s->drops) drop_vectors(x, count, s, place);
    else activate_vectors(x, count, s->activation);
}

// In place on `count` vectors.
SK_INLINE void apply_chain(float *x, long count, const sk_chain *c, uint32_t place) {
    for (int i = 0; i < c->count; i++) apply_stage(x, count, &c->stages[i], place);
}

static void transform(
    float *y, const float *x, long row, const sk_chain *c, long features, long row_begin,
    long row_end, long column_begin, long column_end
) {
    for (long r = row_begin; r < row_end; r++) {
        for (long j = column_begin; j < column_end; j += PIECE) {
            const long end = min_long(j + PIECE, column_end);
            float piece[PIECE];
            for (long i = j; i < end; i += L) store(piece + i - j, load(x + r * row + i));
            apply_chain(piece, (end - j + L - 1) / L, c, (uint32_t)(r * features + j));
            for (long i = j; i < end; i += L) {
                store(y + r * row + i, keep(load(piece + i - j), lane_mask(end - i)));
            }
        }
    }
}

// What each function of a chain reads or leaves: what function i reads is of[i].
typedef struct chain_values { float of[SK_STAGES + 1][PIECE]; } chain_values;

// Whether gradients go back through a function without its result.
SK_INLINE bool forgets_result(const sk_stage *s) { return s->drops || needs_input(s->activation); }

// Gradients of `count` vectors, in place. `of_x`: values begin with what the chain reads; otherwise they end with
// what it leaves, and no others are needed.
SK_INLINE void differentiate_chain(
    float *gradient, chain_values *v, long count, const sk_chain *c, const bool of_x,
    uint32_t place
) {
    for (int i = 0; of_x && i < c->count; i++) {
        if (i + 1 == c->count && forgets_result(&c->stages[i])) break;
        memcpy(v->of[i + 1], v->of[i], (size_t)(count * L) * sizeof(float));
        apply_stage(v->of[i + 1], count, &c->stages[i], place);
    }
    for (int i = c->count - 1; i >= 0; i--) {
        const sk_stage *s = &c->stages[i];
        if (s->drops) drop_vectors(gradient, count, s, place);
        else {
            const bool reads_input = needs_input(s->activation);
            multiply_slopes(gradient, v->of[reads_input ? i : i + 1], count, s->activation);
        }
    }
}

static void transform_backward(
    float *dx, const float *dy, const float *x, const float *y, long row, const sk_chain *c,
    long features, long row_begin, long row_end, long column_begin, long column_end
) {
    const bool of_x = sk_chain_needs_input(c);
    const float *stored = of_x ? x : y;
    for (long r = row_begin; r < row_end; r++) {
        for (long j = column_begin; j < column_end; j += PIECE) {
            const long end = min_long(j + PIECE, column_end);
            chain_values values;
            float gradient[PIECE], *first = values.of[of_x ? 0 : c->count];
            for (long i = j; i < end; i += L) {
                store(gradient + i - j, load(dy + r * row + i));
                if (stored) store(first + i - j, load(stored + r * row + i));
            }
            differentiate_chain(
                gradient, &values, (end - j + L - 1) / L, c, of_x, (uint32_t)(r * features + j));
            for (long i = j; i < end; i += L) {
                store(dx + r * row + i, keep(load(gradient + i - j), lane_mask(end - i)));
            }
        }
    }
}
