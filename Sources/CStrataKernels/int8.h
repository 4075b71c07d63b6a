// Integers for products of a single row: weights in int8 with a scale for each column, and the row
// that they multiply in int16 with a scale for each of its blocks.
#pragma once
#include "simd.h"

// BYTE_BLOCK depths are added up in int32, which no sum can leave: a product is at most 127 * 32767
// and 512 of them are at most 2 130 641 408 < 2^31. So sums are exact, and the same on all
// instruction sets.
enum { BYTE_BLOCK = SK_BYTE_BLOCK, BYTE_LIMIT = 127, SHORT_LIMIT = 32767 };
_Static_assert((int64_t)BYTE_BLOCK * BYTE_LIMIT * SHORT_LIMIT <= INT32_MAX, "sums fit an int32");
_Static_assert(BYTE_BLOCK % SK_LANES == 0 && BYTE_BLOCK % 2 == 0, "blocks are whole vectors");

typedef int8_t v_bytes __attribute__((vector_size(2 * SK_LANES)));
typedef int16_t v_shorts __attribute__((vector_size(4 * SK_LANES)));
typedef uint16_t v_codes __attribute__((vector_size(2 * SK_LANES)));

// MARK: Rounding

// How numbers become integers: x * inverse, rounded, stands for itself times scale.
typedef struct quanta { vf scale, inverse; vi are_numbers; } quanta;

// Magnitudes as integers, in the order of the floats; infinity and NaN are above all others.
SK_INLINE vi magnitude(vf x) { return bits(x) & 0x7fffffff; }
SK_INLINE vi larger(vi a, vi b) {
    vi is_a = a > b;
    return (is_a & a) | (~is_a & b);
}

// For numbers up to a magnitude. Where one is not finite the scale is NaN, and so is every sum it
// takes part in; where all are so tiny that a scale would be denormal, they count as zero.
SK_INLINE quanta quanta_up_to(vi largest, float limit) {
    vi is_finite = largest < splat_int(0x7f800000);
    vi counts = is_finite & (from_bits(largest) >= splat(limit * 0x1p-125f));
    vf most = from_bits(largest), scale = most / splat(limit), inverse = splat(limit) / most;
    return (quanta){
        .scale = select(is_finite, keep(scale, counts), splat(NAN)),
        .inverse = keep(inverse, counts), .are_numbers = counts};
}

// To the nearest integer, ties to even: adding 1.5 * 2^23 leaves the integer in the lowest bits. No
// conversion, whose result for NaN would be undefined. Two statements, so that the product is
// rounded before, on every instruction set.
SK_INLINE vi integers_of(vf x, quanta q) {
    const vf shift = splat(0x1.8p23f);
    vf scaled = x * q.inverse;
    vf shifted = scaled + shift;
    return (bits(shifted) - bits(shift)) & q.are_numbers;
}

// MARK: Panels

// The scales take the place of the first row of floats, and each row of words, from two rows of
// floats, half of one behind it: in place, it replaces only what has been read.
SK_INLINE void quantise_panel(float *to, const float *from, long depth) {
    vi largest[4] = {{0}};
    for (long k = 0; k < depth; k++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            largest[g] = larger(magnitude(load(from + k * W + g * L)), largest[g]);
        }
    }
    quanta q[4];
    SK_UNROLL for (int g = 0; g < 4; g++) q[g] = quanta_up_to(largest[g], BYTE_LIMIT);
    char *words = (char *)(to + W);
    for (long k = 0; k < depth; k += 2, words += 4 * sizeof(v_codes)) {
        v_codes codes[4];
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vi even = integers_of(load(from + k * W + g * L), q[g]), odd = {0};
            if (k + 1 < depth) odd = integers_of(load(from + (k + 1) * W + g * L), q[g]);
            codes[g] = __builtin_convertvector((even & 0xff) | (odd & 0xff) << 8, v_codes);
        }
        memcpy(words, codes, sizeof codes);
    }
    SK_UNROLL for (int g = 0; g < 4; g++) store(to + g * L, q[g].scale);
}

static void quantise(
    float *quantised, long quantised_panel, const float *packed, long packed_panel, long depth,
    long panel_begin, long panel_end
) {
    for (long p = panel_begin; p < panel_end; p++) {
        quantise_panel(quantised + p * quantised_panel, packed + p * packed_panel, depth);
    }
}

// MARK: Rows

// A block of a row, padded with zero to pairs.
typedef struct short_block {
    _Alignas(64) int16_t numbers[BYTE_BLOCK];
    long first, depth;   // where it begins in the row, and how many numbers it has
    float scale;
} short_block;

// The block of a row of `all` numbers that begins at number `first`.
SK_NOINLINE void quantise_block(short_block *block, const float *row, long first, long all) {
    const long depth = min_long(BYTE_BLOCK, all - first);
    row += first;
    vi largest = {0};
    for (long k = 0; k < depth; k += L) {
        largest = larger(magnitude(load_lanes(row + k, depth - k)), largest);
    }
    int32_t most = 0;
    SK_UNROLL for (int i = 0; i < SK_LANES; i++) most = largest[i] > most ? largest[i] : most;
    quanta q = quanta_up_to(splat_int(most), SHORT_LIMIT);
    for (long k = 0; k < depth; k += L) {
        vi numbers = integers_of(load_lanes(row + k, depth - k), q);
        v_codes codes = __builtin_convertvector(numbers & 0xffff, v_codes);
        memcpy(block->numbers + k, &codes, sizeof codes);
    }
    // An odd depth ends within a vector, whose missing lanes are zero.
    block->first = first;
    block->depth = depth;
    block->scale = q.scale[0];
}

// MARK: Sums

// sum + left * right, of neighbouring numbers into one. SK_MULTIPLY_SHORTS is an instruction that
// multiplies and adds neighbours; the others keep sums of even and odd places until the end.
#ifdef SK_MULTIPLY_SHORTS
typedef vi short_sum;
SK_INLINE short_sum add_products(short_sum sum, v_shorts left, v_shorts right) {
    return sum + (vi)SK_MULTIPLY_SHORTS(left, right);
}
SK_INLINE vi sum_of_places(short_sum sum) { return sum; }
#else
typedef int32_t short_sum __attribute__((vector_size(8 * SK_LANES)));
typedef uint64_t v_places __attribute__((vector_size(8 * SK_LANES)));
SK_INLINE short_sum add_products(short_sum sum, v_shorts left, v_shorts right) {
    short_sum a = __builtin_convertvector(left, short_sum);
    return sum + a * __builtin_convertvector(right, short_sum);
}
SK_INLINE vi sum_of_places(short_sum sum) {
    v_places places = (v_places)sum;
    return __builtin_convertvector(places + (places >> 32), vi);
}
#endif

// Two neighbouring numbers of a row, for all lanes.
SK_INLINE v_shorts splat_shorts(const int16_t *numbers) {
    int32_t word;
    memcpy(&word, numbers, sizeof word);
    return (v_shorts)splat_int(word);
}
SK_INLINE v_shorts load_bytes(const int8_t *p) {
    v_bytes bytes;
    memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(bytes, v_shorts);
}
