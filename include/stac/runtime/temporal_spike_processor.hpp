// A spiking model that keeps conversations, a row of a batch each: tokens in, logits out, memory in between.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stac/model/language_model.hpp"
#include "stac/runtime/conversation_cache.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::runtime {

using snn::PositionOverflow;

enum class UseCache {
  yes,  ///< the conversations go on from what they have read before, and remember the new tokens
  no    ///< every row is read from position 0 on its own; what is cached is neither used nor changed
};

/// The same network with windows of another number of timesteps: whoever opened the model knows how to make it.
using Retargeter = std::function<snn::SpikingModel(int timesteps)>;

struct ProcessorOptions {
  std::optional<std::uint64_t> kv_budget_bytes = {};  ///< of all conversations' keys and values; not given: no limit
  std::function<void(const DroppedConversation&)> on_drop = {};  ///< told of each that the budget costs; may be empty
  PositionOverflow position_overflow = PositionOverflow::refuse;
  Retargeter retarget = {};  ///< for calibrate_timesteps()
};

/// Owns what lasts between forwards: per conversation the keys and values of the tokens read, and with them the
/// position of the next one. Of the neurons nothing lasts: each lives for one window of T timesteps, within one
/// forward, and starts the next window at rest (what `reset_net` does elsewhere), so no membrane ever passes from token
/// to token, row to row or conversation to conversation.
///
/// A row has bit for bit the logits of its conversation alone, whatever rows stand beside it, and any split of a text
/// into forwards has those of one forward (docs/theory.md, "Exact sums"). The exception are dynamic rotary positions
/// beyond their original context, where a token's logits depend by definition on how much is read with it.
class TemporalSpikeProcessor {
 public:
  /// @param model  its network is shared, not copied
  explicit TemporalSpikeProcessor(snn::SpikingModel model, ProcessorOptions options = {});

  /// @param input_ids       int64 [B, S], B >= 1, S >= 1; values under padding are ignored
  /// @param attention_mask  integer or bool, 1 for a token, 0 for padding, which stands to the left of a row's new
  /// tokens
  ///                        (it takes no position and is not cached). Either [B, S], over the new tokens, or [B, C +
  ///                        S], as transformers passes it, where attention_mask() of these rows would have C cached
  ///                        places: the left part must then say what is cached. Not given: no padding
  /// @param conversations   [B], which one each row goes on with, no one twice; a new id starts one. Rows may come in
  ///                        any order, join and leave from forward to forward. Empty: "0", "1", ... "B-1"
  /// @param rows            logits of every place, or of the last alone
  /// @return f32 [B, S or 1, vocab_size]; zeros at padded places
  /// @throws stac::Error  a wrong type, shape or mask; padding that is not on the left; ids that are not B or not
  ///                      distinct; an id outside the vocabulary; a row past max_positions (PositionOverflow::refuse);
  ///                      rows that alone exceed the budget; a membrane that is not finite. The rows are as they
  ///                      were then; conversations that had to leave the budget for them are gone.
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask = std::nullopt,
                     const std::vector<ConversationId>& conversations = {}, UseCache use_cache = UseCache::yes,
                     model::LogitRows rows = model::LogitRows::all);

  /// Forgets every conversation.
  void reset_cache() { cache_.clear(); }
  /// Forgets one; nothing happens where there is none of this id.
  void reset_cache(const ConversationId& id) { cache_.erase(id); }
  /// Forgets a conversation's tokens from `length` on: the next forward goes on from there, as if they had never been
  /// read. Beyond the original context of dynamic rotary positions the whole conversation goes: see cached_length().
  void truncate(const ConversationId& id, std::int64_t length);
  /// Forgets the tokens first .. first + count - 1 of a conversation and turns the later keys to their new positions:
  /// an approximation (snn::SpikingTransformer::shift).
  /// @throws stac::UsageError  learned or dynamic positions
  /// @throws stac::Error       the conversation has no such tokens
  void shift(const ConversationId& id, std::int64_t first, std::int64_t count);

  /// Positions that the last forward gave its tokens, int64 [B, S], as generate() of transformers makes them:
  /// cumsum(attention_mask()) - 1 over the new places, 1 at padding; with PositionOverflow::clamp at most
  /// max_positions - 1. Undefined before the first forward.
  [[nodiscard]] const at::Tensor& position_ids() const { return position_ids_; }

  /// What the last forward's tokens could see, int64 [B, C + S]: C places for what was cached, of the longest row,
  /// where shorter ones have 0 on the left, then the S new places. Over the turns of one conversation it grows by
  /// exactly the new tokens. (Within these places the model looks back only, and over its sliding window where it has
  /// one.) Undefined before the first forward.
  [[nodiscard]] const at::Tensor& attention_mask() const { return attention_mask_; }

  /// Tokens that a conversation has cached; 0 for one that is not known, or was dropped.
  [[nodiscard]] std::int64_t cached_length(const ConversationId& id = "0") const;
  /// Ids of what is cached, least recently used first.
  [[nodiscard]] std::vector<ConversationId> conversations() const { return cache_.ids(); }
  /// Bytes of all keys and values, with the room that is reserved for more.
  [[nodiscard]] std::uint64_t cached_bytes() const { return cache_.bytes(); }
  /// Tokens that one conversation can surely grow to within the budget, however it is read, up to `wanted`; not given:
  /// no budget.
  [[nodiscard]] std::optional<std::int64_t> tokens_within_budget(std::int64_t wanted) const;

  /// T of every window; of the longest, where sites differ.
  [[nodiscard]] int timesteps() const;
  /// Retargets the network to windows of T timesteps, without data. What was cached was rounded for the old code:
  /// every conversation is forgotten, and the ledger starts anew.
  /// @throws stac::Error  no ProcessorOptions::retarget was given; whatever that throws. Nothing is changed then.
  void calibrate_timesteps(int timesteps);

  [[nodiscard]] const model::TransformerConfig& config() const { return model_.config(); }

  /// Everything counted since construction, calibrate_timesteps() or take_ledger().
  [[nodiscard]] const snn::Ledger& ledger() const { return ledger_; }
  /// The same, and counts from nothing again: what one turn cost.
  snn::Ledger take_ledger();

 private:
  struct Row;

  at::Tensor read(const at::Tensor& ids, const std::vector<Row>& rows, model::LogitRows logit_rows);
  void require_readable(const std::vector<Row>& rows) const;
  void make_room(const std::vector<Row>& rows);

  snn::SpikingModel model_;
  ProcessorOptions options_;
  ConversationCache cache_;
  at::Tensor position_ids_, attention_mask_;
  snn::Ledger ledger_;
};

}  // namespace stac::runtime
