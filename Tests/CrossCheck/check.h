// What the checks share: repeatable random inputs, fenced memory, expectations, and their names.
//
// A check runs one case on one kernel table. All that it draws at random depends on the check and
// the case alone, so a failure is repeated by the same command.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "strata_kernels.h"

// MARK: Random inputs

void seed_random(uint64_t seed);
uint64_t random_bits(void);
// Uniform in [low, high].
float random_float(float low, float high);
// Uniform in 0 ..< n.
long random_below(long n);
bool random_bool(void);
// One of the numbers.
#define PICK(...)                                                                                  \
    pick((const long[]){__VA_ARGS__}, sizeof(const long[]){__VA_ARGS__} / sizeof(long))
long pick(const long *numbers, long count);
// Units and columns around the widths of vectors and panels.
long odd_size(void);
// Panels of some width that columns take.
long panels_of(long columns, long width);
// A row stride as tensors have it: a multiple of 16.
long padded(long columns);

// MARK: Memory

// All memory of a case ends at a page that can be neither read nor written, and holds a NaN that no
// kernel makes; what lies in front of it is compared when the case ends, which frees it.
void *fenced(long bytes);
float *floats(long count);
float *constant_floats(long count, float value);
float *random_floats(long count, float low, float high);
float *copy_floats(const float *x, long count);
// Tokens in -1 ..< vocabulary.
int32_t *random_tokens(long count, long vocabulary);

// MARK: Expectations

// A case fails with its first expectation; the first failures of a check are printed.
void expect(bool is_true, const char *what);
void expect_near(float result, double exact, double tolerance, const char *what);
void expect_same(const float *result, const float *exact, long count, const char *what);
// `covered` marks what a kernel had to write; the rest still has its start values.
void expect_untouched(
    const float *result, const float *start, const bool *covered, long count, const char *what);
void expect_finite(const float *x, long count, const char *what);

// Names the case that runs, and says whether it passed. All that is in its memory goes into the digest.
void begin_case(const char *table, const char *check, long number);
bool end_case(uint64_t *digest);

// MARK: Sharing

// A kernel's work on a range of rows and of panels (or of columns).
typedef void share(const void *context, long row_begin, long row_end, long begin, long end);
typedef struct output { float *at; long count; } output;

// Runs the whole at once, and again in up to nine pieces: the bits have to be the same, and no
// piece may leave anything but its part of the result. The outputs hold the result afterwards.
void expect_shareable(
    share *run, const void *context, const output *outputs, long output_count, long rows,
    long panels);

// MARK: Checks

typedef void check(const sk_kernels *k);
check check_pack, check_pack_transposed, check_pack_gates, check_pack_gates_transposed;
check check_halve, check_halve_columns, check_halve_rows, check_denormal_pairs;
check check_quantise, check_bytes_not_finite;
check check_gemm, check_gemm_deep, check_gemm_float32, check_gemm_bytes;
check check_lstm_forward, check_lstm_backward, check_lstm_lookup, check_lstm_gradients;
check check_chain, check_softmax, check_gather, check_column_sums;
check check_cross_entropy, check_dense_loss;
check check_flat, check_update;

// Compares the functions of vector_math.h on every `step`-th float with double precision, in the
// tables that run here and are wanted. Prints a line for each, and adds to how many were and were
// not within their bounds.
void check_functions(
    long step, bool (*is_wanted)(const char *table), long *passed, long *failed);
