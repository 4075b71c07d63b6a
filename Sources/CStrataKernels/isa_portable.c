// Kernels for any processor, in the layout of the widest vectors.

// Whether multiply-adds are fused would follow from the processor, and so would the bits that a run has to keep.
#pragma STDC FP_CONTRACT OFF

#define SK_NAME "portable"
#define SK_TABLE sk_portable_kernels
#define SK_PEAK sk_portable_peak
#define SK_LANES 16
#define SK_TILE_ROWS 2
#define SK_DEPTH_BLOCK 128
#include "table.h"
