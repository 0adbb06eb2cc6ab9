#include "stac/snn/residual_stream.hpp"

#include <algorithm>
#include <functional>

#include "snn/membrane_functions.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kRowsOfTask = 4;  // fewer are read faster by one thread

/// Rows are independent: which thread takes one does not show in it.
template <typename Function>
void for_rows(std::int64_t rows, const Function& function) {
  for_each_task((rows + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    for (std::int64_t r = task * kRowsOfTask; r < std::min(rows, (task + 1) * kRowsOfTask); ++r) function(r);
  });
}

}  // namespace

Embedding::Embedding(const at::Tensor& tokens, const at::Tensor& positions)
    : tokens_(tokens.contiguous()), positions_(positions.defined() ? positions.contiguous() : at::Tensor()) {}

void Embedding::append(std::span<const std::int64_t> ids, std::int64_t first_position, Rows& stream) const {
  const std::int64_t width = tokens_.size(1);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float* const token = tokens_.data_ptr<float>() + ids[i] * width;
    if (!positions_.defined()) {
      stream.insert(stream.end(), token, token + width);
      continue;
    }
    const std::int64_t place = std::min(first_position + static_cast<std::int64_t>(i), positions_.size(0) - 1);
    const float* const position = positions_.data_ptr<float>() + place * width;
    std::transform(token, token + width, position, std::back_inserter(stream), std::plus<>());
  }
}

Rows normalised(const model::TransformerConfig& config, const Rows& stream) {
  Rows result(stream.size());
  for_rows(static_cast<std::int64_t>(stream.size()) / config.hidden_size, [&](std::int64_t r) {
    const std::int64_t offset = r * config.hidden_size;
    normalise(config.norm, stream.data() + offset, config.hidden_size, config.norm_eps, result.data() + offset);
  });
  return result;
}

Rows mlp_rows(const model::TransformerConfig& config, Rows projected) {
  const std::int64_t width = config.intermediate_size;
  const std::int64_t stride = (config.gated_mlp ? 2 : 1) * width;
  const std::int64_t tokens = static_cast<std::int64_t>(projected.size()) / stride;
  if (!config.gated_mlp) {
    for_rows(tokens, [&](std::int64_t r) { activate(config.activation, projected.data() + r * width, width); });
    return projected;
  }
  Rows inner(tokens * width);
  for_rows(tokens,
           [&](std::int64_t r) { mlp_membranes(config, projected.data() + r * stride, inner.data() + r * width); });
  return inner;
}

void add(model::MembraneFormat format, Rows& stream, const Rows& update) {
  std::transform(stream.begin(), stream.end(), update.begin(), stream.begin(), std::plus<>());
  model::store(format, stream.data(), static_cast<std::int64_t>(stream.size()));
}

Rows stored(model::MembraneFormat format, Rows rows) {
  model::store(format, rows.data(), static_cast<std::int64_t>(rows.size()));
  return rows;
}

}  // namespace stac::snn
