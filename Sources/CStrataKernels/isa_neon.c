// Kernels for NEON: 24 of 32 registers hold sums.
#if defined(__aarch64__)
#define SK_NAME "neon"
#define SK_TABLE sk_neon_kernels
#define SK_PEAK sk_neon_peak
#define SK_LANES 4
#define SK_TILE_ROWS 6
#define SK_DEPTH_BLOCK 256
#define SK_LANE_OPERANDS
#include "table.h"
#endif
