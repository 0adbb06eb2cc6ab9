// What the vectorised kernels run on.
#pragma once
#include <string>

namespace stac::snn {

/// "AVX2", "AVX3", ...: the instruction set that the fused engine's kernels use here; chosen when the program runs.
[[nodiscard]] std::string kernel_instruction_set();

}  // namespace stac::snn
