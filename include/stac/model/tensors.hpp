// Between a checkpoint's bytes and LibTorch tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "stac/io/tensor_store.hpp"

namespace stac::model {

/// The view's bytes as a tensor of its own dtype and shape, without copying: the tensor keeps the mapping alive and
/// must not be written to (a mapped file is read-only). Bytes that are not aligned for their dtype are copied. When the
/// tensor goes, a mapped file's pages leave memory.
/// @throws stac::Error  LibTorch has no such dtype (u16, u32, u64); `name` is for the message
[[nodiscard]] at::Tensor to_tensor(const io::TensorView& view, const std::string& name);

/// The tensor's bytes as a view that keeps them alive; copies only what is not contiguous on the CPU.
/// @throws stac::Error  a dtype that safetensors files of ours do not hold (complex, quantized)
[[nodiscard]] io::TensorView to_view(const at::Tensor& tensor);

/// "[2, 3]"
[[nodiscard]] std::string shape_text(at::IntArrayRef shape);

}  // namespace stac::model
