// Rounding to bfloat16, and its layouts.
#include "pairs.h"

#include <math.h>
#include <string.h>

#include "check.h"

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

float to_half(float x) {
    uint32_t bits = bits_of(x);
    if (isnan(x)) return float_of((bits | 0x400000) & 0xffff0000);
    if (!(bits & 0x7f800000)) return float_of(bits & 0x80000000);
    return float_of((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000);
}

float pair_of(float even, float odd) {
    return float_of(bits_of(to_half(even)) >> 16 | bits_of(to_half(odd)));
}

float number_in(const float *word, long place) {
    uint32_t bits;
    memcpy(&bits, word, sizeof bits);
    return float_of(place == 0 ? bits << 16 : bits & 0xffff0000);
}

static float flushed(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x; }

static float multiply_add(float sum, float left, float right) {
    return flushed(fmaf(flushed(left), flushed(right), sum));
}

pair_sum start_pairs(const sk_kernels *k, float start) {
    return (pair_sum){.step = k->pair_step, .sum = start};
}

// What was added up apart joins the sum.
static void end_step(pair_sum *s) {
    if (s->words) s->sum = flushed(s->sum + flushed(s->even + s->odd));
    s->even = s->odd = 0;
    s->words = 0;
}

void add_pair(pair_sum *s, float left_even, float right_even, float left_odd, float right_odd) {
    if (s->step == 1) {
        s->sum = multiply_add(s->sum, left_odd, right_odd);
        s->sum = multiply_add(s->sum, left_even, right_even);
        return;
    }
    s->even = multiply_add(s->even, left_even, right_even);
    s->odd = multiply_add(s->odd, left_odd, right_odd);
    if (++s->words == s->step) end_step(s);
}

float end_pairs(pair_sum s) {
    end_step(&s);
    return s.sum;
}

float *random_pairs(long words) {
    float *x = floats(words);
    for (long i = 0; i < words; i++) x[i] = pair_of(random_float(-1, 1), random_float(-1, 1));
    return x;
}

// Floats with ties, large and tiny numbers, infinities and NaN among them.
static float *odd_floats(long count) {
    static const uint32_t odd[] = {
        0x3f808000, 0x3f818000, 0xbf808001, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00001,
        0x7f800001, 0x00000001, 0x00018000, 0x80000000, 0x007fffff,
        0x80000001, 0x807fffff,
    };
    float *x = random_floats(count, -4, 4);
    for (long i = 0; i < count; i++) {
        if (random_below(8) == 0) x[i] = float_of(odd[random_below(sizeof odd / sizeof *odd)]);
    }
    return x;
}

// The word of two numbers; the second one is zero where it is missing.
static float expected_pair(const float *even, const float *odd) {
    return pair_of(*even, odd ? *odd : 0);
}

typedef struct halving {
    const sk_kernels *k;
    float *halved;
    const float *x;
    long halved_stride, stride, depth, columns;
} halving;

static long pairs(long count) { return (count + 1) / 2; }

// MARK: Panels

static void run_halve(const void *context, long r0, long r1, long begin, long end) {
    const halving *x = context;
    if (r0 == r1) return;
    x->k->halve(x->halved, x->halved_stride, x->x, x->stride, x->depth, begin, end);
}

void check_halve(const sk_kernels *k) {
    long width = 4 * k->lanes, panels = 1 + random_below(4);
    halving x = {.k = k, .depth = odd_size() * random_bool()};
    bool in_place = random_bool();
    x.stride = x.depth * width + PICK(0, 0, 4) * k->lanes;
    x.halved_stride = in_place ? x.stride : pairs(x.depth) * width + PICK(0, 0, 4) * k->lanes;
    const float *packed = odd_floats(panels * x.stride);
    x.x = packed;
    x.halved = floats(panels * x.halved_stride);
    if (in_place) {
        // Rounding twice is not the same: only once and whole.
        memcpy(x.halved, packed, panels * x.stride * sizeof *packed);
        x.x = x.halved;
        run_halve(&x, 0, 1, 0, panels);
    } else {
        output halved = {x.halved, panels * x.halved_stride};
        expect_shareable(run_halve, &x, &halved, 1, 1, panels);
    }
    for (long i = 0; i < panels * pairs(x.depth) * width; i++) {
        long j = i % width, word = i / width % pairs(x.depth), p = i / width / pairs(x.depth);
        const float *even = packed + p * x.stride + 2 * word * width + j;
        float exact = expected_pair(even, 2 * word + 1 < x.depth ? even + width : NULL);
        expect_same(
            x.halved + p * x.halved_stride + word * width + j, &exact, 1, "a pair of a panel");
    }
}

static void run_halve_columns(const void *context, long r0, long r1, long begin, long end) {
    const halving *x = context;
    if (r0 == r1) return;
    x->k->halve_columns(x->halved, x->halved_stride, x->x, x->stride, x->depth, begin, end);
}

void check_halve_columns(const sk_kernels *k) {
    long width = 4 * k->lanes, panels = 1 + random_below(4);
    halving x = {.k = k, .depth = odd_size() * random_bool()};
    x.stride = x.depth * width / 2 + PICK(0, 0, 4) * k->lanes;
    x.halved_stride = pairs(x.depth) * width + PICK(0, 0, 4) * k->lanes;
    x.x = random_pairs(panels * x.stride);
    x.halved = floats(panels * x.halved_stride);
    output halved = {x.halved, panels * x.halved_stride};
    expect_shareable(run_halve_columns, &x, &halved, 1, 1, panels);
    for (long i = 0; i < panels * pairs(x.depth) * width; i++) {
        long j = i % width, word = i / width % pairs(x.depth), p = i / width / pairs(x.depth);
        const float *even = x.x + p * x.stride + word * width;
        bool has_odd = 2 * word + 1 < x.depth;
        float numbers[2] = {
            number_in(even + j / 2, j % 2), has_odd ? number_in(even + (width + j) / 2, j % 2) : 0};
        float exact = expected_pair(numbers, numbers + 1);
        expect_same(
            x.halved + p * x.halved_stride + word * width + j, &exact, 1, "a pair of columns");
    }
}

// MARK: Rows

static void run_halve_rows(const void *context, long r0, long r1, long begin, long end) {
    const halving *x = context;
    if (begin == end) return;
    x->k->halve_rows(
        x->halved + r0 * x->halved_stride, x->halved_stride, x->x + r0 * x->stride, x->stride,
        r1 - r0, x->columns);
}

void check_halve_rows(const sk_kernels *k) {
    long rows = 1 + random_below(9);
    halving x = {.k = k, .columns = odd_size()};
    x.stride = x.columns + PICK(0, 1, 5);
    x.halved_stride = pairs(x.columns) + PICK(0, 1, 5);
    x.x = odd_floats((rows - 1) * x.stride + x.columns);
    long count = (rows - 1) * x.halved_stride + pairs(x.columns);
    x.halved = floats(count);
    const float *start = copy_floats(x.halved, count);
    output halved = {x.halved, count};
    expect_shareable(run_halve_rows, &x, &halved, 1, rows, 1);
    for (long i = 0; i < count; i++) {
        long row = i / x.halved_stride, word = i % x.halved_stride;
        const float *even = x.x + row * x.stride + 2 * word;
        bool is_pair = word < pairs(x.columns);
        float exact = start[i];
        if (is_pair) exact = expected_pair(even, 2 * word + 1 < x.columns ? even + 1 : NULL);
        expect_same(x.halved + i, &exact, 1, is_pair ? "a pair of a row" : "what is between rows");
    }
}

// MARK: Denormal numbers

static float tiny(void) { return random_float(-1, 1) * (random_bool() ? 0x1p-64f : 0x1p-60f); }

static float *tiny_pairs(long words) {
    float *x = floats(words);
    for (long i = 0; i < words; i++) x[i] = pair_of(tiny(), tiny());
    // Denormal themselves.
    for (long i = 0; i < words; i += 7) x[i] = pair_of(0x1p-130f, tiny());
    return x;
}

// The instruction takes them as zero, and so do the others on a thread of a team.
void check_denormal_pairs(const sk_kernels *k) {
    // Without fused multiply-adds, a product that is denormal is lost before it is added.
    if (strcmp(k->name, "portable") == 0) return;
    long rows = 1 + random_below(13), depth = 1 + random_below(20), width = 4 * k->lanes;
    sk_gemm g = {
        .a = tiny_pairs(rows * depth), .a_row = depth, .a_block_depth = depth,
        .b = tiny_pairs(depth * width), .b_panel = depth * width, .precision = SK_BFLOAT16,
        .c = floats(rows * width), .c_panel = width, .c_row = width, .c_group = k->lanes,
        .depth = depth, .columns = width,
    };
    unsigned before = sk_flush_denormals();
    k->gemm(&g, 0, rows, 0, 1);
    sk_restore_denormals(before);
    for (long i = 0; i < rows * width; i++) {
        pair_sum pairs = start_pairs(k, 0);
        for (long word = 0; word < depth; word++) {
            const float *a = g.a + i / width * depth + word;
            const float *b = g.b + word * width + i % width;
            add_pair(&pairs, number_in(a, 0), number_in(b, 0), number_in(a, 1), number_in(b, 1));
        }
        float sum = end_pairs(pairs);
        expect_same(g.c + i, &sum, 1, "a sum of tiny pairs");
    }
}
