// A transformer in which every product is driven by spikes. Norms, softmax, activations and residual adds act on
// membranes once per window; the equations are in docs/theory.md, the path of a token in docs/architecture.md.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stac/model/config.hpp"
#include "stac/model/language_model.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/residual_stream.hpp"
#include "stac/snn/spiking_block.hpp"
#include "stac/snn/spiking_head.hpp"

namespace stac::snn {

/// What one sequence remembers between forwards: its tokens, their keys and values, nothing of any neuron.
struct SequenceState {
  std::vector<std::unique_ptr<AttentionMemory>> layers;
  std::vector<std::int64_t> ids;  ///< [length]
  std::int64_t length = 0;

  void reset();
  /// Bytes of keys and values once `tokens` more are read, with the room that is reserved for more.
  [[nodiscard]] std::uint64_t bytes_after(std::int64_t tokens) const;
};

/// What happens to a token behind the last position.
enum class PositionOverflow {
  refuse,  ///< an error
  clamp    ///< it takes the last position, as every one behind it; it sees the max_positions tokens up to itself
};

/// New tokens of one sequence of a forward.
struct SequenceInput {
  std::span<const std::int64_t> ids;
  SequenceState* state = nullptr;  ///< not owned; continued by the forward
  PositionOverflow overflow = PositionOverflow::refuse;
};

/// @param past  tokens that the sequence holds already
/// @throws stac::Error  no id, one outside the vocabulary, more than max_positions in all
void require_readable(const model::TransformerConfig& config, std::span<const std::int64_t> ids, std::int64_t past,
                      PositionOverflow overflow = PositionOverflow::refuse);

/// Whether the keys of a model can be turned to other positions.
/// @throws stac::UsageError  positions are learned, or their angles change with the length of the text
void require_shiftable(const model::TransformerConfig& config);

class SpikingTransformer {
 public:
  /// Folds norm gains and biases into the projections that read them and rounds weights to the integer grid.
  /// @param quantized  takes the place of `weights` at the sites that it holds
  /// @throws stac::UsageError  the plan does not fit the model
  SpikingTransformer(const model::TransformerConfig& config, const model::TransformerWeights& weights, Plan plan,
                     std::unique_ptr<Engine> engine, const QuantizedWeights& quantized = {});

  /// Of parts that are made already, one per layer.
  /// @param engine  that they were made by
  SpikingTransformer(const model::TransformerConfig& config, Plan plan, std::unique_ptr<Engine> engine,
                     Embedding embedding, std::vector<SpikingBlock> blocks, SpikingHead head);

  [[nodiscard]] const model::TransformerConfig& config() const { return config_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] SequenceState new_state() const;

  /// @throws stac::Error  what forward() refuses: no tokens, an id outside the vocabulary, a sequence past
  /// max_positions
  void require_readable(const SequenceInput& input) const;

  /// Reads the new tokens of several sequences at once; each gets what it would get alone, bit for bit. Beyond the
  /// original context of dynamic rotary positions every new token turns all of them by other angles: such a sequence is
  /// read again from its start, and counted so.
  /// @param ledger  receives the counts of every product
  /// @return f32 [all new tokens, or one row per sequence, vocab_size], in the order of `inputs`
  /// @throws stac::Error  an id outside the vocabulary, a sequence past max_positions, no tokens, a membrane that is
  ///                      not finite: the sequences are as they were then
  at::Tensor forward(std::span<const SequenceInput> inputs, model::LogitRows rows, Ledger& ledger) const;

  /// Forgets everything from `length` on, as if it had never been read. Beyond the original context of dynamic rotary
  /// positions what is cached was turned by the angles of the longer text: all of it goes then.
  void truncate(SequenceState& state, std::int64_t length) const;

  /// Forgets the tokens first .. first + count - 1 and turns the keys behind them to their new positions. An
  /// approximation: what is cached of the tokens behind was computed while they still saw the forgotten ones.
  /// @throws stac::UsageError  see require_shiftable
  void shift(SequenceState& state, std::int64_t first, std::int64_t count) const;

 private:
  /// What one sequence's forward runs: its new tokens behind its memories, or all of them behind fresh ones.
  struct Reading;

  [[nodiscard]] Rows read_layers(const std::vector<Reading>& readings, Rows hidden, Ledger& ledger) const;
  [[nodiscard]] Reading reading_of(const SequenceInput& input) const;
  [[nodiscard]] at::Tensor logits(const std::vector<Reading>& readings, const Rows& hidden, model::LogitRows rows,
                                  Ledger& ledger) const;

  model::TransformerConfig config_;
  Plan plan_;
  std::unique_ptr<Engine> engine_;
  Embedding embedding_;
  std::vector<SpikingBlock> blocks_;
  SpikingHead head_;
};

}  // namespace stac::snn
