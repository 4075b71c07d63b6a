// Numbers in bfloat16, two in a 32-bit word: the one of the even place in the lower half.
#pragma once
#include "simd.h"

typedef uint64_t v_two __attribute__((vector_size(4 * SK_LANES)));
typedef uint32_t v_words __attribute__((vector_size(2 * SK_LANES)));

SK_INLINE vf lower_half(vf words) { return from_bits(bits(words) << 16); }
SK_INLINE vf upper_half(vf words) {
    return from_bits(bits(words) & splat_int((int32_t)0xffff0000));
}

// A word for all lanes. Never treated as a float, which could be a denormal or signalling one.
SK_INLINE vf splat_word(const float *p) {
    int32_t word;
    memcpy(&word, p, sizeof word);
    return from_bits(splat_int(word));
}

// sum + left * right for two words of numbers, as the contract orders it. SK_ADD_PAIRS is an
// instruction that does the same.
SK_INLINE vf add_pairs(vf sum, vf left, vf right) {
#ifdef SK_ADD_PAIRS
    return SK_ADD_PAIRS(sum, left, right);
#else
    sum = upper_half(left) * upper_half(right) + sum;
    return lower_half(left) * lower_half(right) + sum;
#endif
}

// Whether right-hand panels are in pairs, and floats or words that a column of them then takes.
SK_INLINE bool has_pairs(sk_precision precision) {
    return precision == SK_BFLOAT16 || precision == SK_BFLOAT16_WEIGHTS;
}
SK_INLINE long panel_words(sk_precision precision, long depth) {
    return has_pairs(precision) ? (depth + 1) / 2 : depth;
}

typedef uint16_t v_numbers __attribute__((vector_size(2 * SK_LANES)));

// The L numbers of L / 2 words, in order.
SK_INLINE vf load_pairs(const float *words) {
    v_numbers numbers;
    memcpy(&numbers, words, sizeof numbers);
    return from_bits(__builtin_convertvector(numbers, vi) << 16);
}

// Rounds to the nearest bfloat16, ties to even; denormal numbers become zero, and NaN stays NaN.
SK_INLINE vi round_to_half(vf x) {
    vi b = bits(x);
    vi rounded = b + 0x7fff + ((b >> 16) & 1);
    vi is_nan = x != x, quiet = b | 0x400000;
    vi is_normal = (b & 0x7f800000) != 0, kept = is_normal | splat_int((int32_t)0x80000000);
    return ((is_nan & quiet) | (~is_nan & rounded & kept)) & splat_int((int32_t)0xffff0000);
}

// The first `count` lanes of x as (count + 1) / 2 words; the lanes beyond are zero. SK_ROUND_TO_HALVES is
// an instruction that rounds all lanes in the same way.
SK_INLINE void store_pairs(float *words, vf x, long count) {
#ifdef SK_ROUND_TO_HALVES
    __auto_type pairs = SK_ROUND_TO_HALVES(x);
#else
    v_two two = (v_two)round_to_half(x);
    v_words pairs = __builtin_convertvector(
        ((two >> 16) & 0xffff) | ((two >> 32) & 0xffff0000), v_words);
#endif
    if (count >= L) memcpy(words, &pairs, sizeof pairs);
    else memcpy(words, &pairs, (size_t)(count + 1) / 2 * sizeof *words);
}

static void halve(
    float *halved, long halved_panel, const float *packed, long packed_panel, long depth,
    long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        const float *from = packed + p * packed_panel;
        float *to = halved + p * halved_panel;
        for (long k = 0; k < depth; k += 2) {
            SK_UNROLL for (int g = 0; g < 4; g++) {
                const float *even = from + k * W + g * L;
                vf next = k + 1 < depth ? load(even + W) : splat(0);
                vi lower = (round_to_half(load(even)) >> 16) & 0xffff;
                store(to + k / 2 * W + g * L, from_bits(lower | round_to_half(next)));
            }
        }
    }
}

// The words of two rows that hold their numbers in the same places.
SK_INLINE void pair_rows(float *to, const float *even, const float *odd) {
    vi lower = (bits(load_pairs(even)) >> 16) & 0xffff;
    store(to, from_bits(odd ? lower | bits(load_pairs(odd)) : lower));
}

static void halve_columns(
    float *halved, long halved_panel, const float *rows, long rows_panel, long depth,
    long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        const float *from = rows + p * rows_panel;
        float *to = halved + p * halved_panel;
        for (long k = 0; k < depth; k += 2) {
            const float *even = from + k * W / 2, *odd = k + 1 < depth ? even + W / 2 : NULL;
            SK_UNROLL for (int g = 0; g < 4; g++) {
                float *words = to + k / 2 * W + g * L;
                pair_rows(words, even + g * L / 2, odd ? odd + g * L / 2 : NULL);
            }
        }
    }
}

static void halve_rows(
    float *halved, long halved_row, const float *x, long x_row, long rows, long columns
) {
    for (long row = 0; row < rows; row++) {
        const float *from = x + row * x_row;
        float *to = halved + row * halved_row;
        for (long k = 0; k < columns; k += L) {
            store_pairs(to + k / 2, load_lanes(from + k, columns - k), columns - k);
        }
    }
}
