// Numbers in bfloat16 and the words that hold two of them, one number at a time.
#pragma once
#include "strata_kernels.h"

// A float as bfloat16 keeps it: to nearest, ties to even, without denormal numbers.
float to_half(float x);
// A word of two numbers, rounded.
float pair_of(float even, float odd);
// The number at an even (0) or odd (1) place of a word.
float number_in(const float *word, long place);
// A sum that goes on word by word, in the order of a table and without denormal numbers.
typedef struct pair_sum { long step, words; float sum, even, odd; } pair_sum;
pair_sum start_pairs(const sk_kernels *k, float start);
// Adds the products of the numbers at the even and at the odd places of two words.
void add_pair(pair_sum *s, float left_even, float right_even, float left_odd, float right_odd);
float end_pairs(pair_sum s);
// Words of random numbers in [-1, 1].
float *random_pairs(long words);
