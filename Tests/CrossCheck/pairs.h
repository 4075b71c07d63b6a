// Numbers in bfloat16 and the words that hold two of them, one number at a time.
#pragma once

// A float as bfloat16 keeps it: to nearest, ties to even, without denormal numbers.
float to_half(float x);
// A word of two numbers, rounded.
float pair_of(float even, float odd);
// The number at an even (0) or odd (1) place of a word.
float number_in(const float *word, long place);
// Words of random numbers in [-1, 1].
float *random_pairs(long words);
