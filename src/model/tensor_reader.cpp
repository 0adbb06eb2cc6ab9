#include "model/tensor_reader.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "stac/error.hpp"
#include "stac/io/finite.hpp"
#include "stac/model/tensors.hpp"

namespace stac::model {

at::Tensor in_f32(const StoredView& stored) { return to_tensor(stored.view, stored.name).to(at::kFloat).contiguous(); }

TensorReader::TensorReader(const io::TensorStore& store, std::string prefix)
    : store_(store), prefix_(std::move(prefix)) {}

std::string TensorReader::stored(const std::string& name) const {
  const std::string prefixed = prefix_ + name;
  return store_.contains(prefixed) ? prefixed : name;
}

bool TensorReader::has(const std::string& name) const { return store_.contains(stored(name)); }

std::string TensorReader::where(const std::string& name) const {
  const std::string full = stored(name);
  return store_.file_of(full).filename().string() + ": tensor '" + full + "'";
}

void TensorReader::require(const std::string& name, const std::vector<std::int64_t>& shape) {
  if (!has(name)) {
    throw Error(
        "the checkpoint has no tensor '" + name + "' (nor '" + prefix_ + name + "'), which config.json calls for",
        "config.json and the weights do not belong together, or a shard is missing: download both again");
  }
  const io::TensorView view = store_.tensor(stored(name));
  if (!io::is_float(view.dtype)) {
    throw Error(where(name) + " has the integer type " + io::dtype_name(view.dtype) + "; weights must be floats",
                "take the float checkpoint that a quantized one was made from");
  }
  if (view.shape != shape) {
    throw Error(
        where(name) + " has shape " + shape_text(view.shape) + ", but config.json calls for " + shape_text(shape),
        "config.json and the weights do not belong together: download both again");
  }
  mark_used(name);
}

void TensorReader::require_finite() const {
  for (const std::string& name : used_) {
    const auto broken = io::find_not_finite(store_.tensor(name));
    if (!broken) continue;
    throw Error(store_.file_of(name).string() + ": tensor '" + name + "' holds " +
                    (broken->nan ? "a NaN" : "an infinity") + " (element " + std::to_string(broken->element) +
                    ", row-major)",
                "the checkpoint is damaged, or its training diverged: take another one");
  }
}

StoredView TensorReader::view(const std::string& name) const { return {name, store_.tensor(stored(name))}; }

bool TensorReader::same_content(const std::string& name, const std::string& other) const {
  const io::TensorView a = store_.tensor(stored(name));
  const io::TensorView b = store_.tensor(stored(other));
  return a.dtype == b.dtype && a.shape == b.shape && std::ranges::equal(a.bytes, b.bytes);
}

void TensorReader::mark_used(const std::string& name) { used_.insert(stored(name)); }

std::vector<std::string> TensorReader::unused() const {
  std::vector<std::string> names = store_.names();
  std::erase_if(names, [this](const std::string& name) { return used_.contains(name); });
  return names;
}

}  // namespace stac::model
