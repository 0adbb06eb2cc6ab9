#include "convert/stored_tensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "stac/error.hpp"
#include "stac/model/tensors.hpp"

namespace stac::convert {
namespace {

/// Older GPT-2 checkpoints store the causal mask and its fill value beside the weights.
bool is_mask_buffer(const std::string& name) {
  static const std::regex buffer(R"((transformer\.)?h\.\d+\.attn\.(bias|masked_bias))");
  return std::regex_match(name, buffer);
}

void require_finite(const io::TensorStore& store, const std::string& name) {
  const io::TensorView view = store.tensor(name);
  if (!io::is_float(view.dtype)) return;
  const at::Tensor values = model::to_tensor(view, name).to(at::kFloat).flatten();
  const at::Tensor broken = at::isfinite(values).logical_not().nonzero();
  if (broken.numel() == 0) return;
  const auto index = broken[0][0].item<std::int64_t>();
  const bool is_nan = std::isnan(values[index].item<float>());
  throw Error(store.file_of(name).string() + ": tensor '" + name + "' holds " + (is_nan ? "a NaN" : "an infinity") +
                  " (element " + std::to_string(index) + ", row-major)",
              "the checkpoint is damaged, or its training diverged: take another one");
}

}  // namespace

std::vector<std::string> kept_tensors(const io::TensorStore& store, const std::vector<std::string>& surplus) {
  std::vector<std::string> kept = store.names();
  std::erase_if(kept, [&](const std::string& name) {
    return is_mask_buffer(name) || std::find(surplus.begin(), surplus.end(), name) != surplus.end();
  });
  return kept;
}

void require_finite_weights(const model::TransformerWeights& weights, const io::TensorStore& store) {
  try {
    model::require_finite(weights);
  } catch (const Error&) {
    for (const std::string& name : store.names()) require_finite(store, name);  // says it by the name in the file
    throw;
  }
}

}  // namespace stac::convert
