// The fused engine with its projections on another device of LibTorch.
#pragma once
#include <c10/core/Device.h>

#include <memory>

#include "stac/snn/engine.hpp"

namespace stac::snn {

/// Membranes are encoded on the CPU as the fused engine encodes them, codes meet the weights on `device` in f64, where
/// every sum of integers is exact, and sums are read out on the CPU: results are those of the other engines, bit for
/// bit. Keys and values, and the products with them, stay on the CPU.
/// @throws c10::Error  LibTorch has no such device (at the first projection)
[[nodiscard]] std::unique_ptr<Engine> device_engine(c10::Device device);

}  // namespace stac::snn
