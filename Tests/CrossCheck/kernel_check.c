// Compares every kernel of every table that runs here with plain double precision.
//
//     kernel_check [--cases N] [--step N] [--every-float] [TABLE ...]
//
// --cases N       random cases per kernel and table (60)
// --step N        compare the vector functions on every N-th float (4999)
// --every-float   compare the vector functions on all floats, and nothing else
// TABLE           only these kernel tables
//
// Prints a line for each kernel and table, then how many cases passed and failed. Exits with 1
// where something failed, at once where a kernel touches memory that is not its own, and with 2
// where nothing was checked.
#include <stdlib.h>
#include <string.h>

#include "check.h"

typedef struct family { const char *name; check *run; } family;

static const family families[] = {
    {"pack", check_pack},
    {"pack_transposed", check_pack_transposed},
    {"pack_gates", check_pack_gates},
    {"pack_gates_transposed", check_pack_gates_transposed},
    {"pack_strips", check_pack_strips},
    {"gemm", check_gemm},
    {"gemm, deep", check_gemm_deep},
    {"lstm_forward", check_lstm_forward},
    {"lstm_backward", check_lstm_backward},
    {"lstm_lookup", check_lstm_lookup},
    {"lstm gradients", check_lstm_gradients},
    {"activate", check_activate},
    {"softmax", check_softmax},
    {"softmax_cross_entropy", check_cross_entropy},
    {"dense_loss", check_dense_loss},
    {"gather, scatter_add", check_gather},
    {"column_sums", check_column_sums},
    {"flat", check_flat},
    {"update", check_update},
};

static char *const *wanted_tables;
static long wanted_count;

static bool is_wanted(const char *table) {
    for (long i = 0; i < wanted_count; i++) {
        if (strcmp(wanted_tables[i], table) == 0) return true;
    }
    return wanted_count == 0;
}

// Adds to how many cases passed and failed.
static void check_table(const sk_kernels *k, long cases, long *passed, long *failed) {
    for (unsigned i = 0; i < sizeof families / sizeof *families; i++) {
        long good = 0;
        for (long number = 0; number < cases; number++) {
            begin_case(k->name, families[i].name, number);
            families[i].run(k);
            good += end_case();
        }
        const char *verdict = good == cases ? "ok    " : "FAILED";
        printf("%-9s %-22s %s  ", k->name, families[i].name, verdict);
        printf("%ld of %ld cases\n", good, cases);
        fflush(stdout);
        *passed += good;
        *failed += cases - good;
    }
}

typedef struct options { long cases, step; bool every_float; } options;

static int run(options o) {
    static const char *const names[] = {"avx512", "avx2", "neon", "portable"};
    long passed = 0, failed = 0, tables = 0;
    printf("best table here: %s\n", sk_best_kernels()->name);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const sk_kernels *k = sk_kernels_named(names[i]);
        if (!k || !is_wanted(k->name)) continue;
        tables++;
        if (!o.every_float) check_table(k, o.cases, &passed, &failed);
    }
    check_functions(o.every_float ? 1 : o.step, is_wanted, &passed, &failed);
    printf("%ld passed, %ld failed\n", passed, failed);
    return tables == 0 ? 2 : failed > 0 ? 1 : 0;
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
