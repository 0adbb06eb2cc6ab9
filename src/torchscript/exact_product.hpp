// Products of integer codes and integer mantissas, exact: in f64, cut into slices of which every sum stays below 2^53,
// so that no order of summation, on whatever device, shows in the result.
#pragma once
#include <torch/script.h>

#include <cstdint>

namespace stac::torchscript {

/// Defines `product(codes, mantissas)` in the module: f64 [..., n, k] times integers [..., k, m] -> f64 [..., n, m],
/// the sum rounded once, as the fused engine's read-out rounds its integer.
/// @param terms          k at most
/// @param contribution   largest magnitude of a code
/// @param bits           mantissas are below 2^bits
void define_product(torch::jit::Module& module, std::int64_t terms, std::int64_t contribution, int bits);

}  // namespace stac::torchscript
