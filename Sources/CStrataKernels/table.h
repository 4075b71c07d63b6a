// All kernels of one instruction set, as a table named SK_TABLE and a peak named SK_PEAK.
#include "flat.h"
#include "gemm.h"
#include "half.h"
#include "int8.h"
#include "loss.h"
#include "lstm_backward.h"
#include "lstm_forward.h"
#include "lstm_parameters.h"
#include "pack.h"
#include "peak.h"
#include "rows.h"
#include "tables.h"

double SK_PEAK(sk_precision precision, long iterations) { return peak(precision, iterations); }

const sk_kernels SK_TABLE = {
    .name = SK_NAME,
#ifdef SK_FLOAT32_NAME
    .float32_name = SK_FLOAT32_NAME,
#else
    .float32_name = SK_NAME,
#endif
    .lanes = SK_LANES,
#if defined(SK_ADD_PAIRS) || defined(SK_MATRIX_STEP)
    .fast_bfloat16 = true,
#endif
#ifdef SK_MATRIX_STEP
    .pair_step = SK_MATRIX_STEP,
#else
    .pair_step = 1,
#endif
    .gemm = gemm,
    .pack = pack,
    .pack_transposed = pack_transposed,
    .pack_gates = pack_gates,
    .pack_gates_transposed = pack_gates_transposed,
    .halve = halve,
    .halve_columns = halve_columns,
    .halve_rows = halve_rows,
    .quantise = quantise,
    .lstm_forward = lstm_forward,
    .lstm_backward = lstm_backward,
    .lstm_lookup = lstm_lookup,
    .lstm_lookup_backward = lstm_lookup_backward,
    .lstm_bias_backward = lstm_bias_backward,
    .transform = transform,
    .transform_backward = transform_backward,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .dense_loss = dense_loss,
    .gather = gather,
    .scatter_add = scatter_add,
    .column_sums = column_sums,
    .fill = fill,
    .add = add,
    .sum_of_squares = sum_of_squares,
    .update = update,
    .all_finite = all_finite,
};
