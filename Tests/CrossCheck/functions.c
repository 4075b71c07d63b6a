// The functions of vector_math.h and cell_math.h against double precision, float by float.
#define _GNU_SOURCE
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "exact.h"
#include "vector_functions.h"

// What their declarations state of a function: errors are at most `ulps` ulp of the exact result where
// that is at least `small` in magnitude, and at most `absolute` where it is smaller.
typedef struct function {
    const char *name;
    double (*exact)(double);
    double ulps, small, absolute;
} function;

static double sigmoid(double x) { return exact_activation(SK_SIGMOID, x); }
static double elu(double x) { return exact_activation(SK_ELU, x); }
static double softplus(double x) { return exact_activation(SK_SOFTPLUS, x); }
static double softsign(double x) { return exact_activation(SK_SOFTSIGN, x); }
static double swish(double x) { return exact_activation(SK_SWISH, x); }
static double normal(double x) { return 0.5 * erfc(-x / sqrt(2)); }
static double log1p_of_part(double x) { return isnan(x) ? x : log1p(fmin(1, fmax(0, x))); }

enum {
    EXP, LOG, LOG1P, NORMAL, NORMAL_TAIL, SIGMOID, TANH, ELU, SOFTPLUS, SOFTSIGN, SWISH,
    CELL_SIGMOID, CELL_TANH, FUNCTION_COUNT
};

static const function functions[FUNCTION_COUNT] = {
    [EXP] = {"exp", exp, 1.06, FLT_MIN, 0x1p-149},
    [LOG] = {"log", log, 0.96, FLT_MIN, 0},
    [LOG1P] = {"log1p of 0...1", log1p_of_part, 2.5, FLT_MIN, 0},
    [NORMAL] = {"normal", normal, 0, INFINITY, 1.05e-7},
    [NORMAL_TAIL] = {"normal, its tail", normal, 3.4e5, FLT_MIN, 2.7e-40},
    [SIGMOID] = {"sigmoid", sigmoid, 2.5, FLT_MIN, 5e-39},
    [TANH] = {"tanh", tanh, 2.5, FLT_MIN, 0},
    [ELU] = {"elu", elu, 1.11, FLT_MIN, 0},
    [SOFTPLUS] = {"softplus", softplus, 2.81, FLT_MIN, 0x1p-149},
    [SOFTSIGN] = {"softsign", softsign, 1.5, FLT_MIN, 0},
    [SWISH] = {"swish", swish, 2.9, 1e-35, 4e-37},
    [CELL_SIGMOID] = {"sigmoid of a cell", sigmoid, 0, INFINITY, 1e-7},
    [CELL_TANH] = {"tanh of a cell", tanh, 2.6, FLT_MIN, 0},
};

// MARK: Tables

typedef struct table { const sk_kernels *k; const vector_functions *f; } table;
enum { MAXIMUM_TABLES = 3 };

static long find_tables(table *tables, bool (*is_wanted)(const char *)) {
    static const vector_functions *const all[] = {
#if defined(__x86_64__)
        &avx512_functions, &avx2_functions,
#elif defined(__aarch64__)
        &neon_functions,
#endif
        &portable_functions,
    };
    long count = 0;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        const sk_kernels *k = sk_kernels_named(all[i]->name);
        if (k && is_wanted(k->name)) tables[count++] = (table){k, all[i]};
    }
    return count;
}

static void activate(const sk_kernels *k, sk_activation f, float *y, const float *x, long n) {
    const sk_chain chain = {1, {{.activation = f}}};
    k->transform(y, x, n, &chain, n, 0, 1, 0, n);
}

static void apply(const table *t, int f, float *y, const float *x, long n) {
    switch (f) {
    case EXP: t->f->exp(y, x, n); return;
    case LOG: t->f->log(y, x, n); return;
    case LOG1P: t->f->log1p_of_part(y, x, n); return;
    case NORMAL:
    case NORMAL_TAIL: t->f->normal(y, x, n); return;
    case SIGMOID: activate(t->k, SK_SIGMOID, y, x, n); return;
    case TANH: activate(t->k, SK_TANH, y, x, n); return;
    case ELU: activate(t->k, SK_ELU, y, x, n); return;
    case SOFTPLUS: activate(t->k, SK_SOFTPLUS, y, x, n); return;
    case SOFTSIGN: activate(t->k, SK_SOFTSIGN, y, x, n); return;
    case SWISH: activate(t->k, SK_SWISH, y, x, n); return;
    case CELL_SIGMOID: t->f->cell_sigmoid(y, x, n); return;
    case CELL_TANH: t->f->cell_tanh(y, x, n); return;
    default: return;
    }
}

// MARK: Errors

// The largest errors, and where. `digest` adds up a hash of all results, in any order.
typedef struct errors {
    double ulps, absolute;
    float at, absolute_at;
    long lost;
    uint64_t digest;
} errors;

// 2^23 / 2^e for an exact result of exponent e, at least that of the smallest normal float.
static double ulps_per_unit(double exact) {
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    long exponent = (long)(bits >> 52 & 0x7ff) - 1023;
    bits = (uint64_t)(1023 + 23 - (exponent < -126 ? -126 : exponent)) << 52;
    memcpy(&exact, &bits, sizeof exact);
    return exact;
}

static void compare(errors *e, double small, float x, float y, double exact) {
    uint32_t x_bits, y_bits;
    memcpy(&x_bits, &x, sizeof x);
    memcpy(&y_bits, &y, sizeof y);
    if (exact != exact || y != y) {
        e->lost += exact == exact || y == y;
        return;
    }
    uint64_t hash = (x_bits + 0x9e3779b97f4a7c15) * (2 * (uint64_t)y_bits + 1);
    e->digest += hash ^ (hash >> 29);
    if (isinf(y) && y == (float)exact) return;
    // Another infinity stands for the first number that would have become one.
    double found = isinf(y) ? copysign(0x1p128, y) : y;
    double error = fabs(found - exact), scale = ulps_per_unit(exact);
    if (fabs(exact) >= small) {
        if (error * scale > e->ulps) e->ulps = error * scale, e->at = x;
    } else if (error > e->absolute) {
        e->absolute = error, e->absolute_at = x;
    }
}

static void merge(errors *total, errors e) {
    if (e.ulps > total->ulps) total->ulps = e.ulps, total->at = e.at;
    if (e.absolute > total->absolute) {
        total->absolute = e.absolute, total->absolute_at = e.absolute_at;
    }
    total->lost += e.lost;
    total->digest += e.digest;
}

// MARK: All floats

enum { CHUNK = 4096, MAXIMUM_WORKERS = 64 };

// A worker's part of the floats: every `workers`-th chunk, from its own.
typedef struct work {
    const table *tables;
    long table_count, step, worker, workers;
    int f;
    errors errors[MAXIMUM_TABLES];
} work;

static void *compare_all(void *context) {
    work *w = context;
    static _Thread_local float x[CHUNK], y[CHUNK];
    static _Thread_local double exact[CHUNK];
    const function *f = &functions[w->f];
    uint64_t end = (uint64_t)1 << 32, stride = (uint64_t)CHUNK * w->step;
    for (uint64_t first = w->worker * stride; first < end; first += w->workers * stride) {
        for (long i = 0; i < CHUNK; i++) {
            // Beyond the last float, the first ones again.
            uint32_t bits = (uint32_t)(first + (uint64_t)i * w->step);
            memcpy(x + i, &bits, sizeof bits);
            exact[i] = f->exact(x[i]);
        }
        for (long t = 0; t < w->table_count; t++) {
            apply(&w->tables[t], w->f, y, x, CHUNK);
            errors e = {0};
            for (long i = 0; i < CHUNK; i++) compare(&e, f->small, x[i], y[i], exact[i]);
            merge(&w->errors[t], e);
        }
    }
    return NULL;
}

static void run_workers(work *part, long workers) {
    pthread_t threads[MAXIMUM_WORKERS];
    bool is_started[MAXIMUM_WORKERS] = {false};
    for (long i = 1; i < workers; i++) {
        is_started[i] = pthread_create(&threads[i], NULL, compare_all, &part[i]) == 0;
    }
    for (long i = 0; i < workers; i++) {
        if (is_started[i]) pthread_join(threads[i], NULL);
        else compare_all(&part[i]);
    }
}

static bool print_errors(const table *t, const function *f, errors e) {
    bool is_right = e.lost == 0 && e.ulps <= f->ulps && e.absolute <= f->absolute;
    printf("%-9s %-22s %s", t->k->name, f->name, is_right ? "ok    " : "FAILED");
    if (f->ulps > 0) printf("  %.4f ulp at %a", e.ulps, e.at);
    if (isfinite(f->small) && e.absolute > 0) printf("  below %.3g", f->small);
    if (e.absolute > 0) printf("  off by %.3g at %a", e.absolute, e.absolute_at);
    if (e.lost > 0) printf("  %ld NaN lost or made", e.lost);
    printf("  digest %016llx\n", (unsigned long long)e.digest);
    return is_right;
}

void check_functions(
    long step, bool (*is_wanted)(const char *table), long *passed, long *failed
) {
    table tables[MAXIMUM_TABLES];
    work part[MAXIMUM_WORKERS];
    long table_count = find_tables(tables, is_wanted), cores = sysconf(_SC_NPROCESSORS_ONLN);
    long workers = cores < 1 ? 1 : cores > MAXIMUM_WORKERS ? MAXIMUM_WORKERS : cores;
    for (int f = 0; f < FUNCTION_COUNT; f++) {
        for (long i = 0; i < workers; i++) {
            part[i] = (work){tables, table_count, step, i, workers, f, {{0}}};
        }
        run_workers(part, workers);
        for (long t = 0; t < table_count; t++) {
            errors total = {0};
            for (long i = 0; i < workers; i++) merge(&total, part[i].errors[t]);
            bool is_right = print_errors(&tables[t], &functions[f], total);
            *(is_right ? passed : failed) += 1;
        }
        fflush(stdout);
    }
}
