// Weights in int8 and the rows that they multiply, one number at a time.
#pragma once
#include <stdbool.h>

// The largest integers that stand for weights and for numbers of a row.
enum { BYTE_LIMIT = 127, SHORT_LIMIT = 32767 };

// How numbers become integers: x * inverse, rounded, stands for itself times scale. With a scale of
// NaN the integers are nobody's.
typedef struct quanta { float scale, inverse; } quanta;
// For `count` numbers that are `stride` apart.
quanta quanta_of(const float *x, long stride, long count, float limit);
long integer_of(float x, quanta q);

// Replaces numbers by what their integers stand for; of a row, block by block.
void quantise_numbers(float *x, long stride, long count, float limit);
void quantise_row_numbers(float *x, long count);

// `start` and a row times a column, whose numbers are `stride` apart: to the bit, on all tables.
float sum_of_bytes(float start, const float *row, const float *column, long stride, long count);
