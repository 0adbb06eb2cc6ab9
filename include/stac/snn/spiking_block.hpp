// One layer of a spiking transformer: attention and MLP on the residual stream, every product driven by spikes. Norms,
// rotary positions, softmax, activation, gate and residual adds act on membranes, once per window.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"
#include "stac/snn/residual_stream.hpp"

namespace stac::snn {

/// Consecutive rows of a stream that belong to one sequence.
struct SequenceRows {
  std::int64_t rows = 0;
  AttentionMemory* memory = nullptr;  ///< this layer's keys and values of the sequence; not owned, continued. Its
                                      ///< length is the first row's position
};

class SpikingBlock {
 public:
  /// Folds norm gains and biases into the projections that read them and rounds weights to the integer grid.
  /// @param engine     not owned; must outlive the block
  /// @param quantized  takes the place of `weights` at the sites that it holds
  /// @throws stac::UsageError  the plan does not fit the layer
  SpikingBlock(const model::TransformerConfig& config, const model::Block& weights, std::int64_t layer,
               const Plan& plan, const Engine& engine, const QuantizedWeights& quantized = {});

  [[nodiscard]] std::unique_ptr<AttentionMemory> new_memory() const { return engine_->memory(attention_); }

  /// hidden += attention
  /// @param sequences  cover the rows of `hidden` in order
  /// @param hidden     [tokens, hidden_size]
  void attend(std::span<const SequenceRows> sequences, Rows& hidden, Ledger& ledger) const;

  /// The MLP's membranes before its activation: [tokens, intermediate_size], or [tokens, 2 intermediate_size] where it
  /// is gated: gates, then ups.
  [[nodiscard]] Rows up(const Rows& hidden, Ledger& ledger) const;

  /// hidden += down(activation(up(hidden))), or down(activation(gate(hidden)) * up(hidden))
  void feed_forward(Rows& hidden, Ledger& ledger) const;

  /// Both, of sequences that begin and end here.
  /// @param lengths  of the sequences, whose rows cover `hidden` in order
  void read(std::span<const std::int64_t> lengths, Rows& hidden, Ledger& ledger) const;

 private:
  /// Turns the queries and keys of one sequence's rows by their positions, where positions are rotary.
  void turn(const SequenceRows& sequence, float* queries, float* keys) const;
  /// Keys or values as the cache's format has them. @throws stac::Error  one is not finite, or beyond a format
  void round_for_cache(float* numbers, std::int64_t rows) const;
  /// What `membranes` drive, both stored.
  [[nodiscard]] Rows project(Site site, const SpikingProjection& projection, Rows membranes, std::int64_t inputs,
                             std::int64_t outputs, Ledger& ledger) const;

  model::TransformerConfig config_;
  std::int64_t layer_;
  const Engine* engine_;
  AttentionShape attention_;
  std::unique_ptr<SpikingProjection> query_key_value_, attention_output_, up_, down_;
};

}  // namespace stac::snn
