#include "stac/snn/residual_stream.hpp"

#include <algorithm>
#include <functional>

#include "snn/membrane_functions.hpp"

namespace stac::snn {

Embedding::Embedding(const at::Tensor& tokens, const at::Tensor& positions)
    : tokens_(tokens.contiguous()), positions_(positions.contiguous()) {}

void Embedding::append(std::span<const std::int64_t> ids, std::int64_t first_position, Rows& stream) const {
  const std::int64_t width = tokens_.size(1);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float* const token = tokens_.data_ptr<float>() + ids[i] * width;
    const float* const position =
        positions_.data_ptr<float>() + (first_position + static_cast<std::int64_t>(i)) * width;
    std::transform(token, token + width, position, std::back_inserter(stream), std::plus<>());
  }
}

Rows normalised(const model::TransformerConfig& config, const Rows& stream) {
  Rows result(stream.size());
  for_each_row(static_cast<std::int64_t>(stream.size()) / config.hidden_size, [&](std::int64_t r) {
    const std::int64_t offset = r * config.hidden_size;
    layer_norm(stream.data() + offset, config.hidden_size, config.norm_eps, result.data() + offset);
  });
  return result;
}

void add(Rows& stream, const Rows& update) {
  std::transform(stream.begin(), stream.end(), update.begin(), stream.begin(), std::plus<>());
}

}  // namespace stac::snn
