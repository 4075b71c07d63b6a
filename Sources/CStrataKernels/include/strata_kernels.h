// Kernels of Strata: C11, no allocation, no globals but the dispatch tables.
//
// Letters: T steps, B batch, I inputs, H units, V vocabulary, L lanes (floats in one vector of the
// instruction set), P panels. Outputs come first, dimensions last; gradients accumulate unless said.
//
// Rows. An activation tensor is [T, B, features] with a row stride in floats that is a multiple of 16
// and at least `features`; the padding is there so that whole vectors can be stored and may hold
// anything finite. Parameters and their gradients are dense: no padding.
//
// Panels. The right-hand matrix of a product is packed in panels of 4*L columns:
//     element (k, j) of panel p  =  packed[p*panel_stride + k*4*L + j]
// A *plain* panel p holds the columns p*4L ... p*4L+4L-1. A *gate* panel p holds, side by side, units
// p*L ... p*L+L-1 of the four gates i, f, g, o (column = gate*L + lane). Missing columns are zero.
//
// Pairs. A matrix in bfloat16 lies in memory for floats, as 32-bit words of two numbers that are
// neighbours along the depth of a product, the one of the even place in the lower half. A depth of K
// has (K + 1) / 2 words, the last one padded with zero. Where a matrix is in pairs, the depths and
// strides of its layout count words; otherwise nothing in it changes.
//
// Bytes. A panel of weights in int8 (`quantise`) begins with the scales of its 4L columns, in float32. From
// byte 16L on come words of 16 bits: word (k, j), at byte 16L + 8L k + 2j, holds in its lower byte the number
// of the even depth 2k and in its upper byte that of 2k+1, zero where there is none. A number stands for
// itself times its column's scale. A depth of one stays in float32, where there is no room for scales.
//
// Cut rows. Kernels on rows that take a row and a panel stride read tensors of either kind: element
// (r, j) is x[(j / 4L) * panel + r * row + j % 4L]. With panel = 4L that is a tensor of rows; with
// row = 4L it is one in panels, as products write it. Vectors without a column are left alone.
//
// Determinism. Every output element is a sum in one fixed order, whatever range of rows and panels a
// call is given; so results do not depend on how callers share the work. A product continues one
// chain of multiply-adds over k = 0, 1, ... from its start (zero, bias or C). In pairs it is one over
// words, and each adds first the product of its upper halves, then that of the lower ones, rounded
// to the nearest float32 each time. That is the arithmetic of vdpbf16ps, which takes denormal numbers
// and sums as zero; the others do so on threads that flush them (`sk_flush_denormals`). So on these
// threads all tables for x86-64 whose multiply-adds are fused have the same bits, but for "amx". Where they are
// not ("portable"), a product of two bfloat16 numbers is exact too, unless it leaves the range of floats.
// "amx" adds up 16 words of a row's block at a time (`pair_step`), or what is left of them: the products of lower
// halves in one chain from zero, those of upper ones in another; then both, and that to the sum. Denormal numbers
// and sums are zero there, too. In float32 it has the bits of "avx512".
// With weights in int8, every SK_BYTE_BLOCK numbers of the row at the left become integers of at most 32767
// in magnitude: x * (32767 / largest), rounded to nearest, ties to even. Their products with a column's bytes
// add up exactly, and each block adds sum * (largest / 32767) * scale to C, a rounded operation at a time: so
// all tables have the same bits. A number that is not finite makes its column (in weights) or all columns
// (in the row) NaN; where the largest is below 2^-125 times the largest integer, all count as zero.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Rows of a transposed A that are packed side by side as strips: a multiple of every tile's height in registers.
enum { SK_STRIP = 12 };
// The largest `pair_step` of any table. Who adds up a depth in several calls cuts it at multiples.
enum { SK_PAIR_STEP = 16 };
// Floats of scratch memory: a product with a transposed A packs parts of it there.
enum { SK_SCRATCH = 8 * (1024 * SK_STRIP + 16) };
// Depths that weights in int8 add up exactly.
enum { SK_BYTE_BLOCK = 512 };

typedef enum sk_activation {
    SK_IDENTITY = 0,
    SK_SIGMOID,
    SK_TANH,
    SK_RELU,
    SK_LEAKY_RELU,    // x < 0 ? 0.01 x : x
    SK_ELU,           // x < 0 ? exp(x) - 1 : x
    SK_GELU,          // 0.5 x (1 + erf(x / sqrt 2)) (exact form; derivative needs x)
    SK_SOFTPLUS,      // log(1 + exp x)
    SK_SOFTSIGN,      // x / (1 + |x|)
    SK_HARD_SIGMOID,  // clamp(0.2 x + 0.5, 0, 1)
    SK_HARD_TANH,     // clamp(x, -1, 1)
    SK_SWISH,         // x sigmoid(x) (derivative needs x)
    SK_ACTIVATION_COUNT
} sk_activation;

// A function of single values: an activation or, where it `drops`, dropout. That keeps and scales the values
// whose place (row * features + column, modulo 2^32) has a hash of at least `threshold`, and makes others zero:
//   x = place ^ low;  x = (x ^ x >> 16) * 0x7feb352d;  x = (x ^ x >> 15 ^ high) * 0x846ca68b;  hash = x ^ x >> 16
typedef struct sk_stage {
    sk_activation activation;
    bool drops;
    float scale;
    uint32_t threshold, low, high;
} sk_stage;

// Functions of single values, one after the other.
enum { SK_STAGES = 4 };
typedef struct sk_chain {
    int32_t count;
    sk_stage stages[SK_STAGES];
} sk_chain;

typedef enum sk_precision {
    SK_FLOAT32 = 0,
    SK_BFLOAT16_WEIGHTS,  // B in pairs, A in float32: only for a single row, to read half as much
    SK_BFLOAT16,          // A and B in pairs
    SK_INT8_WEIGHTS,      // B in bytes, A in float32: only for a single row in one block
} sk_precision;

// C = A * B (+ bias) or C += A * B, with B packed in panels.
//   A(m, k)       = a[(k / a_block_depth) * a_block + m * a_row + k % a_block_depth], or transposed,
//                   where a_rows is not 0, element m of row k of a_rows: the first rows_before of them
//                   are a_before[k * a_row + m], the others a[(k - rows_before) * a_row + m]
//   B(k, j of p)  = b[p * b_panel + k * 4L + j]
//   C(m, j of p)  = c[p * c_panel + m * c_row + (j / L) * c_group + j % L]
// With a plain A, a_block_depth = depth and a_block = 0. A transposed one is for weight gradients, whose
// rows are activations; `scratch` is then SK_SCRATCH floats that nothing else uses during the call.
// `columns`: plain panels: valid columns N in all; gate panels (`gates`): valid units H per gate.
// `whole`: C's rows are padded, so a lane group with at least one valid column is stored as a whole
// vector; otherwise exactly the valid columns are written.
// In pairs (`precision`) all depths and strides of A and of B count words, and k numbers them; with B
// alone in pairs, depths are those of A, and a_block_depth is even or the whole depth. C is float32. With A in pairs,
// a_block_depth is a multiple of `pair_step`, or the whole depth. The rows of a transposed A are numbers in pairs along
// their columns, and depth = (a_rows + 1) / 2.
typedef struct sk_gemm {
    const float *a;
    long a_row, a_block, a_block_depth;
    long a_rows, rows_before;
    const float *a_before;
    float *scratch;
    const float *b;
    long b_panel;
    sk_precision precision;
    float *c;
    long c_panel, c_row, c_group;
    long depth;          // K
    long columns;
    bool gates;
    bool whole;
    bool accumulate;     // false: C = ..., true: C += ...
    const float *bias;   // only when !accumulate; dense: [N], or [4][H] for gate panels; may be NULL
    // For plain panels, a plain A and !accumulate only; with others they must be empty and NULL:
    sk_chain chain;      // applied to the stored result, of whose places row m is row m and `columns` the features
    float *pre;          // when not NULL, the value before the chain; same strides as c
} sk_gemm;

// One time step of an LSTM layer over unit panels (gate order i, f, g, o):
//   z = gates(t) + h_prev R;  i = gate(z_i + p_i c_prev); f = gate(z_f + p_f c_prev); g = act(z_g)
//   c = f c_prev + i g;       o = gate(z_o + p_o c);      h = o act(c)
// `gates` holds x W + b on entry and what backward reads on return: the gates' outputs, or, for an
// activation whose derivative needs its input (gelu, swish), its input z. Of a masked row forward
// leaves gates that nobody may use, and backward zeros.
typedef struct sk_lstm_step {
    long units;
    long stride;               // row stride of h, c, dh, dc (multiple of 16, at least units)
    float *gates;              // panel p, row b, gate g, lane l: gates[p*gates_panel + b*4L + g*L + l]
    long gates_panel;
    long rows_ahead;           // rows from this step's to the next call's in gates, c, h and dh, of which
                               // what that call reads or writes is fetched meanwhile; 0: unknown
    const float *recurrent;    // packed gate panels of R [H, 4H] in this precision
    sk_precision precision;    // and of the h that it multiplies
    const float *peephole;     // [3][H] dense: i, f, o; NULL: none
    const float *h_prev, *c_prev;  // [B, stride]
    float *h, *c;              // [B, stride]; forward may write c over c_prev
    // h_prev and h as rows in pairs along the units, [B, half_stride] (a multiple of 16, at least
    // (units + 1) / 2). h_prev_half is read with SK_BFLOAT16; h_half is written unless NULL.
    const float *h_prev_half;
    float *h_half;
    long half_stride;
    const float *mask;         // [B]: 0 carries h and c through unchanged; NULL: all ones
    sk_activation activation, gate_activation;
    // backward only:
    const float *dh;           // [B, stride]: gradient of this step's output from above; NULL: zero
    float *dh_rec;             // [B, stride]: gradient of h from step t+1 on entry;
                               // for masked rows the part that passes to h_prev is left in dh_pass
    float *dh_pass;            // [B, stride]: masked rows: dh + dh_rec, others 0; NULL without mask
    float *dc;                 // [B, stride]: gradient of c on entry, of c_prev on return
    float *gates_half;         // unless NULL, the gradients of z go here instead of into `gates`: in pairs
                               // along the lanes, laid out as `gates` with every stride halved
} sk_lstm_step;

// Row losses against dense targets, not weighted; each is the mean over a row's columns (cross-entropy: the sum).
typedef enum sk_loss {
    SK_MSE = 0,           // (y - t)^2
    SK_MAE,               // |y - t|, derivative 0 at y = t
    SK_BINARY_CROSS_ENTROPY,  // -(t log p + (1-t) log(1-p)), p = sigmoid(y), computed stably
    SK_CROSS_ENTROPY,         // -sum t log p, p = softmax(y)
} sk_loss;

typedef enum sk_optimizer_kind { SK_SGD, SK_NESTEROV, SK_ADAM, SK_RMSPROP, SK_ADAGRAD } sk_optimizer_kind;

// Elements of one parameter buffer: w, its gradient g, and optimizer state m, v (NULL where unused).
// g' = clamp(g * scale, -clip, clip) (clip <= 0: none) + l2 * w + l1 * sign(w);  then, with rate r:
//   SGD       w -= r g'                                  (momentum 0) or m = mu m + g'; w -= r m
//   NESTEROV  m = mu m + g'; w -= r (g' + mu m)
//   ADAM      m = b1 m + r1 g'; v = b2 v + r2 g'^2; w -= r (m/c1) / (sqrt(v/c2) + eps)
//   RMSPROP   v = b2 v + r2 g'^2; w -= r g' / (sqrt(v) + eps)
//   ADAGRAD   v += g'^2; w -= r g' / (sqrt(v) + eps)
// and before the update w *= 1 - r * decay (decoupled weight decay).
typedef struct sk_update {
    sk_optimizer_kind kind;
    float rate, scale, clip, l1, l2, decay;
    float momentum, beta1, beta2, epsilon;
    float rest1, rest2;               // 1 - b1, 1 - b2, which b1 and b2 are too coarse for where they are near 1
    float correction1, correction2;   // c1 = 1 - b1^t, c2 = 1 - b2^t
} sk_update;

typedef struct sk_kernels {
    const char *name;    // "amx", "avx512", "avx2", "neon", "portable"
    const char *float32_name;  // the table whose bits it has in float32: its own name, or "avx512" for "amx"
    long lanes;          // L
    bool fast_bfloat16;  // products in pairs are faster than those of float32; elsewhere much slower
    long pair_step;      // words that a product in pairs adds up apart: 1, in "amx" 16

    // Products.
    void (*gemm)(const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end);
    // packed <- B [K, N] row-major with row stride ldb: plain panels p in [begin, end), panel stride K*4L. In both
    // kinds of bfloat16 panels are in pairs, rounded as by `halve`, and (K+1)/2 words deep: panel stride (K+1)/2*4L.
    // Otherwise they are in float32, for int8 to be quantised.
    void (*pack)(float *packed, const float *b, long ldb, long K, long N, sk_precision precision, long panel_begin, long panel_end);
    // packed <- B^T for B [N, K] row-major with row stride ldb (so the product sums over B's columns).
    void (*pack_transposed)(float *packed, const float *b, long ldb, long K, long N, sk_precision precision, long panel_begin, long panel_end);
    // packed <- W [K, 4H] (gate-major columns), gate panels.
    void (*pack_gates)(float *packed, const float *w, long K, long H, sk_precision precision, long panel_begin, long panel_end);
    // packed <- W^T for W [N, 4H]: plain panels over the N rows of W; depth index k = p*4L + gate*L + lane
    // in gate-panel order (so that it multiplies `gates` read panel by panel), P*4L deep, zero where a unit is missing.
    void (*pack_gates_transposed)(float *packed, const float *w, long N, long H, sk_precision precision, long panel_begin, long panel_end);

    // Rounding to bfloat16, to nearest, ties to even; denormal numbers become zero of their sign.
    // halved <- packed panels in pairs: word (k, j) of a panel holds its elements (2k, j) and (2k+1, j). May be in
    // place, with one stride: each panel keeps its start and fills the first half of its place.
    void (*halve)(float *halved, long halved_panel, const float *packed, long packed_panel, long depth, long panel_begin, long panel_end);
    // halved <- the same of panels whose rows are in pairs along the columns, 2L words each: the numbers keep their values.
    void (*halve_columns)(float *halved, long halved_panel, const float *rows, long rows_panel, long depth, long panel_begin, long panel_end);
    // halved <- x [rows, columns] in pairs along the columns; exactly (columns + 1) / 2 words of a row are written.
    void (*halve_rows)(float *halved, long halved_row, const float *x, long x_row, long rows, long columns);

    // quantised <- packed panels in bytes, scaled by column: the largest magnitude is 127, and others are rounded to
    // nearest, ties to even. May be in place, with one stride. The depth is at least 2.
    void (*quantise)(float *quantised, long quantised_panel, const float *packed, long packed_panel, long depth, long panel_begin, long panel_end);

    // LSTM steps: panels of units and rows of the batch.
    void (*lstm_forward)(const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end);
    // gates: outputs -> gradients of z, in place or into gates_half. dc, dh_pass as declared.
    void (*lstm_backward)(const sk_lstm_step *s, long row_begin, long row_end, long panel_begin, long panel_end);
    // gates(row) = bias + W[token(row)] for W [V, 4H]: the input product of one-hot rows. A token < 0 is a zero row.
    void (*lstm_lookup)(float *gates, long gates_panel, const int32_t *tokens, long rows, const float *w, const float *bias, long H, long panel_begin, long panel_end);
    // dW[token(row)] += dgates(row), rows in order: the gradient of lstm_lookup. With SK_BFLOAT16, gradients are
    // in pairs along the lanes, and gates_panel counts words. `scratch` is as for gemm.
    void (*lstm_lookup_backward)(float *dw, const float *gates, long gates_panel, sk_precision precision, const int32_t *tokens, long rows, long V, long H, float *scratch, long panel_begin, long panel_end);
    // db [4][H] += sum over rows of dgates; with c_prev, c (rows*stride, NULL: no peepholes) also
    // dp [3][H] (i, f, o): dp_i += dz_i c_prev, dp_f += dz_f c_prev, dp_o += dz_o c. Precision as above.
    void (*lstm_bias_backward)(float *db, float *dp, const float *gates, long gates_panel, sk_precision precision, const float *c_prev, const float *c, long stride, long rows, long H, long panel_begin, long panel_end);

    // Rows: [rows, columns] with row strides; whole vectors of the padding may be written.
    // Columns [begin, end) of y = chain(x), which may be empty; pointers are of row 0 and column 0, and all rows are
    // `row` floats apart; begin and, unless it is `features`, end are multiples of L. y may be x.
    void (*transform)(float *y, const float *x, long row, const sk_chain *c, long features, long row_begin, long row_end, long column_begin, long column_end);
    // dx = dy * chain'(x), from x where the chain needs its input (`sk_chain_needs_input`), otherwise from y where its
    // last function is an activation; what is not read may be NULL. dx may be dy.
    void (*transform_backward)(float *dx, const float *dy, const float *x, const float *y, long row, const sk_chain *c, long features, long row_begin, long row_end, long column_begin, long column_end);
    // These take cut rows, with the same strides for all tensors but the targets. y may be x, and dx dy.
    void (*softmax)(float *y, const float *x, long row, long panel, long rows, long columns);
    // dx_j = y_j (dy_j - sum_k dy_k y_k)
    void (*softmax_backward)(float *dx, const float *dy, const float *y, long row, long panel, long rows, long columns);
    // Rowwise loss_r = -log softmax(x)[target]; dx = (softmax(x) - onehot) * weight_r. Target < 0 or
    // weight 0: loss 0, dx 0. dx may be x or NULL.
    void (*softmax_cross_entropy)(double *loss, float *dx, const float *x, long row, long panel, const int32_t *target, const float *weights, long rows, long columns);
    // Rowwise loss_r of y against dense targets t, and dy = d loss_r / dy * weight_r. Weight 0: loss 0,
    // dy 0. dy may be y or NULL.
    void (*dense_loss)(double *loss, float *dy, const float *y, long row, long panel, const float *t, long t_row, sk_loss kind, const float *weights, long rows, long columns);
    // y(row) = table[token(row)]. A token < 0 is a zero row, and in scatter_add a row without effect.
    void (*gather)(float *y, long y_row, const float *table, long columns, const int32_t *tokens, long rows);
    // dtable[token] += dy(row), rows in order, for columns [begin, end).
    void (*scatter_add)(float *dtable, long columns, const float *dy, long dy_row, const int32_t *tokens, long rows, long column_begin, long column_end);
    // db [N] += dy(row), rows in order, for columns [begin, end).
    void (*column_sums)(float *db, const float *dy, long dy_row, long rows, long column_begin, long column_end);

    // Flat buffers.
    void (*fill)(float *x, float value, long n);
    void (*add)(float *y, const float *x, long n);
    double (*sum_of_squares)(const float *x, long n);    // fixed order for given n
    void (*update)(const sk_update *u, float *w, const float *g, float *m, float *v, long n);
    bool (*all_finite)(const float *x, long n);
} sk_kernels;

// The best table for this processor; never NULL. There are two named "avx512", whose results have the same
// bits: the one with fast_bfloat16 is chosen where the processor's AVX512-BF16 is fast.
const sk_kernels *sk_best_kernels(void);
// A named table, or NULL where it was not built or the processor lacks it.
const sk_kernels *sk_kernels_named(const char *name);
// Whether f's derivative needs its input.
bool sk_activation_needs_input(sk_activation f);
// Adds a function to the end of a chain of fewer than SK_STAGES.
void sk_chain_add(sk_chain *c, sk_stage stage);
// Whether the chain's derivative needs its input: where any function but the last is an activation, or the last one is
// whose derivative needs its input.
bool sk_chain_needs_input(const sk_chain *c);
// Multiply-adds at full rate on one core, in float32 or in pairs: performs `iterations` rounds and returns
// the FLOPs done.
double sk_fma_peak(const sk_kernels *k, sk_precision precision, long iterations);
// From now on the calling thread takes denormal numbers as zero; returns how it took them before.
unsigned sk_flush_denormals(void);
// Takes them as before again: what sk_flush_denormals returned. Other modes stay as they are.
void sk_restore_denormals(unsigned before);

// Starts a thread that runs `body(context)` once, on a stack of 4 MiB; nobody waits for its end. False
// where the system refuses: `body` is then never called. What it returns is of no use.
bool sk_start_thread(void *(*body)(void *), void *context);

// A team of workers that meet: spins briefly, then parks. No allocation: the caller owns the storage
// of sk_barrier_size() bytes, aligned to 64.
typedef struct sk_barrier sk_barrier;
long sk_barrier_size(void);
void sk_barrier_init(sk_barrier *b, long workers);
void sk_barrier_destroy(sk_barrier *b);
void sk_barrier_wait(sk_barrier *b);
