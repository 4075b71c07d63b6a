// Counts what a thread allocates, by standing in front of the C library's allocator.
#pragma once
#include <stdbool.h>

// Whether allocations can be counted here: on Linux with glibc, without sanitizers, which have an
// allocator of their own.
bool allocations_are_counted(void);
// Begins or ends counting the calling thread's allocations.
void count_allocations(bool on);
// Allocations that all threads made while they were counted, since the program began.
long counted_allocations(void);
