// A conversation with a model: messages in, streamed answers out, nothing read twice.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stac/runtime/cached_sequence.hpp"
#include "stac/runtime/chat_form.hpp"
#include "stac/runtime/generation.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::runtime {

/// How a caller watches and stops an answer.
struct AnswerHooks {
  std::function<void(std::string_view)> on_text;  ///< pieces of the answer, whole UTF-8 characters; may be empty
  std::function<bool()> cancelled;                ///< see GenerationHooks; may be empty
};

struct Answer {
  std::string text;  ///< without special tokens and stop text
  GenerationResult generated;
  std::vector<std::int64_t> prompt_ids;  ///< the whole conversation up to this answer
  std::int64_t cached_tokens = 0;        ///< of these, what was still cached and not read again
  bool reread = false;  ///< the cache held something, but not the beginning of this text: everything was read anew
};

/// The ids that end an answer: EOS of config, tokenizer and generation_config.json, once each.
/// @param folder  of the checkpoint
/// @throws stac::Error  as generation_config_eos_ids
[[nodiscard]] std::vector<std::int64_t> stop_ids(const model::TransformerConfig& config,
                                                 const text::Tokenizer& tokenizer, const std::filesystem::path& folder);

/// Every turn renders and encodes the whole conversation and reads only what goes on from the cached ids, so the model
/// always sees exactly the text that its template makes of the messages. Positions go on over the turns and never pass
/// the model's. Where an answer's own ids differ from the encoding of its text, the cache is read anew
/// (Answer::reread).
class Conversation {
 public:
  /// @param sequence   empty; dense, without spikes or spiking
  /// @param tokenizer  borrowed
  /// @param system     a first message; none if not given
  Conversation(CachedSequence sequence, const text::Tokenizer& tokenizer, ChatForm form,
               std::optional<std::string> system = std::nullopt);

  /// One turn. A cancelled or cut answer stays in the conversation as far as it came.
  /// @throws ContextFull  the conversation has no position left for an answer. Like any other failure, this leaves the
  ///                      messages as they were: nothing is dropped silently, and reset() makes room.
  Answer say(std::string_view user_text, const GenerationOptions& options, const AnswerHooks& hooks = {});

  /// Forgets every message but the system one, and everything read.
  void reset();

  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  /// Tokens that the model holds now, and what it can hold.
  [[nodiscard]] std::int64_t cached_length() const { return sequence_.length(); }
  [[nodiscard]] std::int64_t max_positions() const { return sequence_.max_positions(); }

 private:
  [[nodiscard]] std::vector<std::int64_t> encode(std::span<const Message> messages) const;

  CachedSequence sequence_;
  const text::Tokenizer& tokenizer_;
  ChatForm form_;
  std::optional<std::string> system_;
  std::vector<Message> messages_;
};

}  // namespace stac::runtime
