// Kernels for any processor, in the layout of the widest vectors.
#define SK_NAME "portable"
#define SK_TABLE sk_portable_kernels
#define SK_PEAK sk_portable_peak
#define SK_LANES 16
#define SK_TILE_ROWS 2
#define SK_DEPTH_BLOCK 128
#include "table.h"
