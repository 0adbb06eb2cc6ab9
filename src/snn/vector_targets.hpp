// The instruction sets that the kernels are compiled for; to be included before Highway.
//
// The same in every file: Highway chooses among them in an inline function that knows the list of its own file, and
// where it is not inlined (a debug build) the program has one of them for all, which may choose what another file
// lacks.
#pragma once

#define HWY_WANT_AVX3_DL  // with the machine's own product of pairs

// Arrays of vectors need vectors of a known size.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_RVV)
