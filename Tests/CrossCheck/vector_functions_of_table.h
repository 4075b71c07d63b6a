// The vector functions of one instruction set, as a table named FUNCTIONS. Included behind the
// kernels of that set, which name its lanes and its target.
#include "vector_functions.h"

#define ON_ARRAYS(name, function)                                                                  \
    static void name(float *y, const float *x, long n) {                                           \
        for (long i = 0; i < n; i += L) store(y + i, function(load(x + i)));                       \
    }

ON_ARRAYS(exp_of_array, vexp)
ON_ARRAYS(log_of_array, vlog)
ON_ARRAYS(normal_of_array, vnormal)

SK_INLINE vf log1p_of_part(vf x) { return vlog1p(at_least(at_most(x, 1.0f), 0.0f)); }
ON_ARRAYS(log1p_of_array, log1p_of_part)

SK_INLINE vf one_cell_sigmoid(vf x) { return cell_sigmoid(&x, 1), x; }
SK_INLINE vf one_cell_tanh(vf x) { return cell_tanh(&x, 1), x; }
ON_ARRAYS(cell_sigmoid_of_array, one_cell_sigmoid)
ON_ARRAYS(cell_tanh_of_array, one_cell_tanh)

const vector_functions FUNCTIONS = {
    SK_NAME,        exp_of_array,          log_of_array,      normal_of_array,
    log1p_of_array, cell_sigmoid_of_array, cell_tanh_of_array};
