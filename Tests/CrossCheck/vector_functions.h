// The functions of vector_math.h and cell_math.h that no kernel applies alone, on whole vectors.
#pragma once

typedef void vector_function(float *y, const float *x, long n);

typedef struct vector_functions {
    const char *name;  // of the kernel table
    vector_function *exp, *log, *normal;
    vector_function *log1p_of_part;  // of x moved to 0...1
    vector_function *cell_sigmoid, *cell_tanh;
} vector_functions;

#if defined(__x86_64__)
extern const vector_functions avx512_functions, avx2_functions;
#elif defined(__aarch64__)
extern const vector_functions neon_functions;
#endif
extern const vector_functions portable_functions;
