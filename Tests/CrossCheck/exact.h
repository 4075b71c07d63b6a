// Activations and their derivatives in double precision, as their definitions say.
#pragma once
#include "strata_kernels.h"

double exact_activation(sk_activation f, double x);
// By the function's input.
double exact_slope(sk_activation f, double x);
// The usual one half the time, otherwise any.
sk_activation random_activation(sk_activation usual);
