// Functions of single values and their derivatives in double precision, as their definitions say.
#pragma once
#include "strata_kernels.h"

double exact_activation(sk_activation f, double x);
// By the function's input.
double exact_slope(sk_activation f, double x);
// The usual one half the time, otherwise any.
sk_activation random_activation(sk_activation usual);

// What a chain makes of one value at a place; its slope, of which it is not sure where one jumps so near to what a
// function of the chain reads that a float, which was rounded, may lie on the other side; and how many times an error
// may grow.
typedef struct chain_result { double value, slope, growth; bool is_sure_of_slope; } chain_result;
chain_result exact_chain(const sk_chain *c, double x, long place);
// Of up to `most` functions.
sk_chain random_chain(int most);
