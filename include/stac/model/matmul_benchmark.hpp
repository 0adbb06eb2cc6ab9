// How fast this machine multiplies, through the same call as the dense model.
#pragma once

namespace stac::model {

/// Best of repeated f32 products [512, 768] x [768, 3072] over about half a second, on the threads that LibTorch is set
/// to.
/// @return GFLOP/s, two operations per multiply-add
[[nodiscard]] double measure_matmul_gflops();

}  // namespace stac::model
