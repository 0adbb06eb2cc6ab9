#include "stac/model/tensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "stac/error.hpp"
#include "stac/io/mapped_file.hpp"

namespace stac::model {
namespace {

std::optional<at::ScalarType> scalar_type(io::DType dtype) {
  switch (dtype) {
    case io::DType::f64:
      return at::kDouble;
    case io::DType::f32:
      return at::kFloat;
    case io::DType::f16:
      return at::kHalf;
    case io::DType::bf16:
      return at::kBFloat16;
    case io::DType::i64:
      return at::kLong;
    case io::DType::i32:
      return at::kInt;
    case io::DType::i16:
      return at::kShort;
    case io::DType::i8:
      return at::kChar;
    case io::DType::u8:
      return at::kByte;
    case io::DType::boolean:
      return at::kBool;
    default:
      return std::nullopt;
  }
}

std::optional<io::DType> dtype_of(at::ScalarType type) {
  for (const io::DType dtype : {io::DType::f64, io::DType::f32, io::DType::f16, io::DType::bf16, io::DType::i64,
                                io::DType::i32, io::DType::i16, io::DType::i8, io::DType::u8, io::DType::boolean}) {
    if (scalar_type(dtype) == type) return dtype;
  }
  return std::nullopt;
}

void forget(const io::TensorView& view) {
  if (view.mapped) io::give_back(view.bytes);
}

}  // namespace

at::Tensor to_tensor(const io::TensorView& view, const std::string& name) {
  const auto type = scalar_type(view.dtype);
  if (!type) {
    throw Error("tensor '" + name + "' has dtype " + io::dtype_name(view.dtype) + ", which cannot be computed with");
  }
  if (view.bytes.empty()) return at::empty(view.shape, at::TensorOptions().dtype(*type));
  // LibTorch asks for a mutable pointer; nothing of ours writes through it.
  auto* data = const_cast<std::byte*>(view.bytes.data());
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  const auto options = at::TensorOptions().dtype(*type);
  if (address % io::bytes_per_element(view.dtype) == 0) {
    return at::from_blob(
        data, view.shape, [view](void*) { forget(view); }, options);
  }
  at::Tensor copy = at::empty(view.shape, options);
  std::copy(view.bytes.begin(), view.bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
  forget(view);
  return copy;
}

io::TensorView to_view(const at::Tensor& tensor) {
  const auto dtype = dtype_of(tensor.scalar_type());
  if (!dtype) throw Error(std::string("a tensor of dtype ") + c10::toString(tensor.scalar_type()) + " cannot be saved");
  const at::Tensor plain = tensor.detach().cpu().contiguous();
  io::TensorView view;
  view.dtype = *dtype;
  view.shape = plain.sizes().vec();
  view.bytes = {static_cast<const std::byte*>(plain.data_ptr()), plain.nbytes()};
  view.owner = std::make_shared<const at::Tensor>(plain);
  return view;
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace stac::model
