// The residual stream: one row of membranes per token, which every layer reads and adds to.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "stac/model/config.hpp"

namespace stac::snn {

using Rows = std::vector<float>;  ///< [tokens, features], row-major

/// What tokens are before the first layer: their embedding and that of their positions.
class Embedding {
 public:
  /// @param tokens     f32 [vocab, hidden]
  /// @param positions  f32 [max_positions, hidden]; undefined where positions are rotary: tokens stand alone then
  Embedding(const at::Tensor& tokens, const at::Tensor& positions);

  /// Appends one row per id to `stream`. Ids must be within the table; positions beyond theirs take the last one's.
  void append(std::span<const std::int64_t> ids, std::int64_t first_position, Rows& stream) const;

 private:
  at::Tensor tokens_, positions_;
};

/// Every row normalised, without gain and bias: those are folded into the projection that reads it.
[[nodiscard]] Rows normalised(const model::TransformerConfig& config, const Rows& stream);

/// What an MLP's neurons speak: activation(up) of every row, or activation(gate) * up where it is gated.
/// @param projected  [tokens, intermediate_size], or [tokens, 2 intermediate_size]: gates, then ups
/// @return           [tokens, intermediate_size]
[[nodiscard]] Rows mlp_rows(const model::TransformerConfig& config, Rows projected);

/// stream += update, stored
void add(model::MembraneFormat format, Rows& stream, const Rows& update);

/// As they wait for their next use.
[[nodiscard]] Rows stored(model::MembraneFormat format, Rows rows);

}  // namespace stac::snn
