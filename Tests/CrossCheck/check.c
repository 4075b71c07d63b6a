// Repeatable random inputs, fenced memory and expectations.
#define _GNU_SOURCE
#include "check.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// MARK: Random inputs (SplitMix64)

static uint64_t random_state;

void seed_random(uint64_t seed) { random_state = seed; }

uint64_t random_bits(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

float random_float(float low, float high) {
    return low + (high - low) * (float)(random_bits() >> 40) * 0x1p-24f;
}

long random_below(long n) { return (long)((random_bits() >> 33) % (uint64_t)n); }
bool random_bool(void) { return random_bits() >> 63; }
long pick(const long *numbers, long count) { return numbers[random_below(count)]; }
long odd_size(void) { return PICK(1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100); }
long panels_of(long columns, long width) { return (columns + width - 1) / width; }
long padded(long columns) { return (columns + 15) / 16 * 16; }

// MARK: Memory

// A quiet NaN with a payload of its own.
static const uint32_t nobodys = 0x7fc0fe2c;

typedef struct block { char *pages; long bytes; uint32_t *first, *data; } block;
enum { MAXIMUM_BLOCKS = 64 };
static block blocks[MAXIMUM_BLOCKS];
static long block_count;

void *fenced(long bytes) {
    long page = sysconf(_SC_PAGESIZE), inner = (bytes / page + 1) * page;
    block b = {.bytes = inner + 2 * page};
    b.pages = mmap(NULL, b.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool is_ready = b.pages != MAP_FAILED && block_count < MAXIMUM_BLOCKS
        && mprotect(b.pages + page, inner, PROT_READ | PROT_WRITE) == 0;
    if (!is_ready) {
        fprintf(stderr, "no memory for a case\n");
        exit(2);
    }
    b.first = (uint32_t *)(b.pages + page);
    b.data = b.first + (inner - bytes) / 4;
    for (long i = 0; i < inner / 4; i++) b.first[i] = nobodys;
    blocks[block_count++] = b;
    return b.data;
}

float *floats(long count) { return fenced(count * 4); }

float *constant_floats(long count, float value) {
    float *x = floats(count);
    for (long i = 0; i < count; i++) x[i] = value;
    return x;
}

float *random_floats(long count, float low, float high) {
    float *x = floats(count);
    for (long i = 0; i < count; i++) x[i] = random_float(low, high);
    return x;
}

float *copy_floats(const float *x, long count) {
    float *copy = floats(count);
    memcpy(copy, x, count * sizeof *x);
    return copy;
}

int32_t *random_tokens(long count, long vocabulary) {
    int32_t *tokens = fenced(count * 4);
    for (long i = 0; i < count; i++) tokens[i] = (int32_t)random_below(vocabulary + 1) - 1;
    return tokens;
}

static void free_blocks(uint64_t *digest) {
    for (; block_count > 0; block_count--) {
        block b = blocks[block_count - 1];
        bool is_whole = true;
        uint32_t *end = (uint32_t *)(b.pages + b.bytes - sysconf(_SC_PAGESIZE));
        for (uint32_t *word = b.first; word < b.data; word++) is_whole &= *word == nobodys;
        for (uint32_t *word = b.data; word < end; word++) {
            *digest = (*digest ^ *word) * 1099511628211;
        }
        expect(is_whole, "memory in front of a buffer was written");
        munmap(b.pages, b.bytes);
    }
}

// MARK: Expectations

static char case_name[120];
static bool case_passed;
static long shown_failures;
enum { MAXIMUM_SHOWN = 20 };

void expect(bool is_true, const char *what) {
    if (is_true) return;
    if (case_passed && shown_failures++ < MAXIMUM_SHOWN) {
        fprintf(stderr, "%s: %s\n", case_name, what);
    }
    case_passed = false;
}

void expect_near(float result, double exact, double tolerance, const char *what) {
    if (fabs(result - exact) <= tolerance) return;
    char text[160];
    snprintf(text, sizeof text, "%s is %.9g, not %.9g", what, result, exact);
    expect(false, text);
}

void expect_same(const float *result, const float *exact, long count, const char *what) {
    char text[160];
    for (long i = 0; i < count; i++) {
        if (memcmp(result + i, exact + i, sizeof *result) == 0) continue;
        snprintf(text, sizeof text, "%s [%ld] is %a, not %a", what, i, result[i], exact[i]);
        expect(false, text);
        return;
    }
}

void expect_untouched(
    const float *result, const float *start, const bool *covered, long count, const char *what
) {
    for (long i = 0; i < count; i++) {
        if (!covered[i]) expect_same(result + i, start + i, 1, what);
    }
}

void expect_finite(const float *x, long count, const char *what) {
    for (long i = 0; i < count; i++) expect(isfinite(x[i]), what);
}

static void on_fault(int signal) {
    static const char text[] = ": reads or writes outside its memory\n";
    (void)signal;
    // Nothing can be done where these fail.
    if (write(2, case_name, strlen(case_name)) < 0 || write(2, text, sizeof text - 1) < 0) {}
    _exit(1);
}

void begin_case(const char *table, const char *check, long number) {
    snprintf(case_name, sizeof case_name, "%s, %s, case %ld", table, check, number);
    case_passed = true;
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    uint64_t seed = (uint64_t)number;
    for (; *check; check++) seed = seed * 1099511628211 + (unsigned char)*check;
    seed_random(seed);
}

bool end_case(uint64_t *digest) {
    free_blocks(digest);
    return case_passed;
}

// MARK: Sharing

typedef struct cuts { long at[4]; } cuts;

static cuts cut(long n) {
    long first = random_below(n + 1), second = random_below(n + 1);
    if (first > second) {
        long swapped = first;
        first = second;
        second = swapped;
    }
    return (cuts){{0, first, second, n}};
}

enum { MAXIMUM_OUTPUTS = 4 };

// What a piece has changed is in its final state already.
static void expect_piece(
    const output *outputs, float *const *start, float *const *whole, long output_count
) {
    for (long o = 0; o < output_count; o++) {
        for (long i = 0; i < outputs[o].count; i++) {
            const float *x = outputs[o].at + i;
            bool is_changed = memcmp(x, start[o] + i, sizeof *x) != 0;
            if (is_changed) expect_same(x, whole[o] + i, 1, "a piece of the result");
        }
    }
}

void expect_shareable(
    share *run, const void *context, const output *outputs, long output_count, long rows,
    long panels
) {
    float *start[MAXIMUM_OUTPUTS], *whole[MAXIMUM_OUTPUTS];
    for (long o = 0; o < output_count; o++) start[o] = copy_floats(outputs[o].at, outputs[o].count);
    run(context, 0, rows, 0, panels);
    for (long o = 0; o < output_count; o++) {
        whole[o] = copy_floats(outputs[o].at, outputs[o].count);
        memcpy(outputs[o].at, start[o], outputs[o].count * sizeof(float));
    }
    cuts row = cut(rows), panel = cut(panels);
    // From the middle, so that a piece which relies on those before it is found.
    for (long i = 0, r = 1, p = 1; i < 9; i++, r = (r + (p == 0)) % 3) {
        run(context, row.at[r], row.at[r + 1], panel.at[p], panel.at[p + 1]);
        if (i < 2) expect_piece(outputs, start, whole, output_count);
        p = (p + 1) % 3;
    }
    for (long o = 0; o < output_count; o++) {
        expect_same(outputs[o].at, whole[o], outputs[o].count, "the result of pieces");
    }
}
