// Compares every kernel of every table that runs here with plain double precision.
//
//     kernel_check [--cases N] [--step N] [--every-float] [TABLE ...]
//
// --cases N       random cases per kernel and table (60)
// --step N        compare the vector functions on every N-th float (4999)
// --every-float   compare the vector functions on all floats, and nothing else
// TABLE           only these kernel tables
//
// Prints a line for each kernel and table, with a digest of all that the cases had in memory. Tables
// of equal lanes and equal digests have the same bits. Two with one name have to, and one that goes by
// another's name in float32 has to agree with that but for products of pairs. Then it says
// how many cases passed and failed. Exits with 1 where something failed, at once where a kernel
// touches memory that is not its own, and with 2 where nothing was checked.
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tables.h"

// `pairs`: whether products of pairs are in it, whose bits not all tables share.
typedef struct family { const char *name; check *run; bool pairs; } family;

static const family families[] = {
    {"pack", check_pack, false},
    {"pack_transposed", check_pack_transposed, false},
    {"pack_gates", check_pack_gates, false},
    {"pack_gates_transposed", check_pack_gates_transposed, false},
    {"halve", check_halve, false},
    {"halve_columns", check_halve_columns, false},
    {"halve_rows", check_halve_rows, false},
    {"quantise", check_quantise, false},
    {"gemm", check_gemm, true},
    {"gemm, deep", check_gemm_deep, true},
    {"gemm, denormal", check_denormal_pairs, true},
    {"gemm, float32", check_gemm_float32, false},
    {"gemm, int8", check_gemm_bytes, false},
    {"gemm, not finite", check_bytes_not_finite, false},
    {"lstm_forward", check_lstm_forward, true},
    {"lstm_backward", check_lstm_backward, false},
    {"lstm_lookup", check_lstm_lookup, false},
    {"lstm gradients", check_lstm_gradients, false},
    {"chain", check_chain, false},
    {"softmax", check_softmax, false},
    {"softmax_cross_entropy", check_cross_entropy, false},
    {"dense_loss", check_dense_loss, false},
    {"gather, scatter_add", check_gather, false},
    {"column_sums", check_column_sums, false},
    {"flat", check_flat, false},
    {"update", check_update, false},
};

static char *const *wanted_tables;
static long wanted_count;

static bool is_wanted(const char *table) {
    for (long i = 0; i < wanted_count; i++) {
        if (strcmp(wanted_tables[i], table) == 0) return true;
    }
    return wanted_count == 0;
}

enum { FAMILY_COUNT = sizeof families / sizeof *families };

// One table's run: the digest of each family, and how many cases passed and failed.
typedef struct result { const sk_kernels *k; uint64_t digests[FAMILY_COUNT]; } result;
typedef struct tally { long passed, failed; } tally;

// The two tables with the same name.
#if defined(__x86_64__)
static const sk_kernels *const with_bfloat16 = &sk_avx512bf16_kernels;
static const sk_kernels *const without_bfloat16 = &sk_avx512_kernels;
static bool runs_bfloat16(void) { return __builtin_cpu_supports("avx512bf16"); }
#else
static const sk_kernels *const with_bfloat16 = NULL, *const without_bfloat16 = NULL;
static bool runs_bfloat16(void) { return false; }
#endif

static void check_table(result *r, long cases, tally *total) {
    const char *label = r->k == with_bfloat16 ? "avx512bf16" : r->k->name;
    for (long i = 0; i < FAMILY_COUNT; i++) {
        long good = 0;
        for (long number = 0; number < cases; number++) {
            begin_case(label, families[i].name, number);
            families[i].run(r->k);
            good += end_case(&r->digests[i]);
        }
        const char *verdict = good == cases ? "ok    " : "FAILED";
        printf("%-10s %-22s %s  ", label, families[i].name, verdict);
        printf("%ld of %ld cases  ", good, cases);
        printf("digest %016llx\n", (unsigned long long)r->digests[i]);
        fflush(stdout);
        total->passed += good;
        total->failed += cases - good;
    }
}

// Of two tables with one name in a precision, one may go on where the other stopped.
static void compare_tables(
    const result *a, const result *b, const char *what, bool with_pairs, tally *total
) {
    bool is_same = true;
    for (long i = 0; i < FAMILY_COUNT; i++) {
        if (families[i].pairs && !with_pairs) continue;
        is_same = is_same && a->digests[i] == b->digests[i];
    }
    printf("%-10s %-22s %s\n", a->k->name, what, is_same ? "ok" : "FAILED");
    *(is_same ? &total->passed : &total->failed) += 1;
}

typedef struct options { long cases, step; bool every_float; } options;

static int run(options o) {
    static const char *const names[] = {"amx", "avx512", "avx2", "neon", "portable"};
    long tables = 0;
    tally total = {0, 0};
    result alias = {NULL, {0}};
    printf("best table here: %s\n", sk_best_kernels()->name);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const sk_kernels *k = sk_kernels_named(names[i]);
        if (!k || !is_wanted(k->name)) continue;
        tables++;
        if (o.every_float) continue;
        bool are_two = strcmp(k->name, "avx512") == 0 && runs_bfloat16();
        result r = {are_two ? without_bfloat16 : k, {0}};
        check_table(&r, o.cases, &total);
        if (alias.k && strcmp(alias.k->float32_name, k->name) == 0) {
            compare_tables(&alias, &r, "is avx512 in float32", false, &total);
        }
        if (strcmp(k->name, k->float32_name) != 0) alias = r;
        if (!are_two) continue;
        // Also where the instruction is so slow that nothing else runs it.
        result other = {with_bfloat16, {0}};
        check_table(&other, o.cases, &total);
        compare_tables(&r, &other, "with and without bf16", true, &total);
    }
    check_functions(o.every_float ? 1 : o.step, is_wanted, &total.passed, &total.failed);
    printf("%ld passed, %ld failed\n", total.passed, total.failed);
    return tables == 0 ? 2 : total.failed > 0 ? 1 : 0;
}

int main(int argc, char **argv) {
    options o = {.cases = 60, .step = 4999};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        bool has_number = i + 1 < argc && atol(argv[i + 1]) > 0;
        if (strcmp(argv[i], "--every-float") == 0) {
            o.every_float = true;
        } else if (strcmp(argv[i], "--cases") == 0 && has_number) {
            o.cases = atol(argv[++i]);
        } else if (strcmp(argv[i], "--step") == 0 && has_number) {
            o.step = atol(argv[++i]);
        } else {
            fprintf(
                stderr, "usage: kernel_check [--cases N] [--step N] [--every-float] [TABLE ...]\n");
            return 2;
        }
    }
    wanted_tables = argv + i;
    wanted_count = argc - i;
    return run(o);
}
