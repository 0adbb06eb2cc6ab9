// A spiking model that keeps a conversation, one row of a batch each: tokens in, logits out, memory in between.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "stac/snn/ledger.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::runtime {

enum class UseCache {
  yes,  ///< the rows go on from what they have read before, and remember the new tokens
  no    ///< every row is read from position 0 on its own; what is cached is neither used nor changed
};

/// Owns what lasts between forwards: per row the keys and values of the tokens read, and with them the position of the
/// next one. Of the neurons nothing lasts: each lives for one window of T timesteps, within one forward, and starts the
/// next window at rest, so no membrane ever passes from token to token, row to row or conversation to conversation.
///
/// Rows are separate sequences. Row b of a batch has bit for bit the logits of that row alone, and any split of a text
/// into forwards has those of one forward (docs/theory.md, "Exact sums").
class TemporalSpikeProcessor {
 public:
  /// @param model  its network is shared, not copied
  explicit TemporalSpikeProcessor(snn::SpikingModel model);

  /// @param input_ids       int64 [B, S], B >= 1, S >= 1; values under padding are ignored
  /// @param attention_mask  integer or bool [B, S] over these new tokens: 1 for a token, 0 for padding, which stands to
  ///                        the left of a row's tokens (it takes no position and is not cached); not given: no padding
  /// @return f32 [B, S, vocab_size]; zeros at padded places
  /// @throws stac::Error  a wrong type or shape; padding that is not on the left; B differs from the cached rows'
  ///                      number; an id out of range; a row past max_positions: no row is changed then.
  ///                      A membrane that is not finite: the cache is reset.
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask = std::nullopt,
                     UseCache use_cache = UseCache::yes);

  /// Forgets every row; the next forward may have another B.
  void reset_cache();

  /// Positions that the last forward gave its tokens, int64 [B, S], as generate() of transformers makes them: a row's
  /// tokens count on from what it had cached, padding is 1. Undefined before the first forward.
  [[nodiscard]] const at::Tensor& position_ids() const { return position_ids_; }

  /// Tokens that a row has cached; 0 for a row that does not exist (yet).
  [[nodiscard]] std::int64_t cached_length(std::int64_t row = 0) const;
  [[nodiscard]] std::int64_t cached_rows() const { return static_cast<std::int64_t>(cache_.size()); }

  /// T of every window.
  [[nodiscard]] int timesteps() const;
  [[nodiscard]] const model::TransformerConfig& config() const { return model_.config(); }

  /// Everything counted since construction.
  [[nodiscard]] const snn::Ledger& ledger() const { return ledger_; }

 private:
  using Cache = std::vector<snn::SequenceState>;  // [B]

  [[nodiscard]] Cache new_cache(std::int64_t rows) const;
  at::Tensor read(const at::Tensor& ids, const std::vector<std::int64_t>& padding, Cache& cache);

  snn::SpikingModel model_;
  Cache cache_;
  at::Tensor position_ids_;
  snn::Ledger ledger_;
};

}  // namespace stac::runtime
