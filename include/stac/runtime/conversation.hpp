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
#include "stac/runtime/context_overflow.hpp"
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
  std::vector<std::int64_t> prompt_ids;  ///< the known text up to this answer, after what was forgotten in front of it
  std::int64_t cached_tokens = 0;        ///< of these, what was still cached and not read again
  bool reread = false;               ///< the text of the turns before is no longer what was cached: it was read again
  std::vector<Forgotten> forgotten;  ///< in front of the answer or while it was written, in order
  bool approximate = false;          ///< the cache holds what a shift left there
};

/// The ids that end an answer: EOS of config, tokenizer and generation_config.json, once each.
/// @param folder  of the checkpoint
/// @throws stac::Error  as generation_config_eos_ids
[[nodiscard]] std::vector<std::int64_t> stop_ids(const model::TransformerConfig& config,
                                                 const text::Tokenizer& tokenizer, const std::filesystem::path& folder);

struct ConversationOptions {
  std::optional<std::string> system = {};  ///< a first message
  OverflowPolicy overflow = OverflowPolicy::turns;
  std::vector<std::string> stop_texts =
      {};  ///< each ends an answer, of which it is no part; beside the chat form's own
};

/// Every turn renders and encodes the whole conversation and reads only what goes on from the cached ids, so the model
/// always sees exactly the text that its template makes of the messages. Positions go on over the turns and never pass
/// the sequence's: what happens then says the policy, and Answer::forgotten what it cost.
class Conversation {
 public:
  /// @param sequence   empty; dense, without spikes or spiking. Its max_positions are the context
  /// @param tokenizer  borrowed
  Conversation(CachedSequence sequence, const text::Tokenizer& tokenizer, ChatForm form,
               ConversationOptions options = {});

  /// One turn. A cancelled or cut answer stays in the conversation as far as it came.
  /// @throws ContextFull  there is no position left for an answer, and nothing that the policy may forget. Like any
  ///                      other failure, this leaves the messages as they were.
  /// @throws stac::UsageError  a shift, by a model that cannot
  Answer say(std::string_view user_text, const GenerationOptions& options, const AnswerHooks& hooks = {});

  /// Forgets every message but the system one, and everything read.
  void reset();

  /// Takes the last turn back, and what was forgotten for its sake; of the turns before it, which are taken back next,
  /// what was forgotten stays so. @return what the user had said; nothing where there is no turn
  std::optional<std::string> undo();

  /// Another system message, or none, from here on; the conversation stays.
  void set_system(std::optional<std::string> system);
  [[nodiscard]] const std::optional<std::string>& system() const { return options_.system; }

  /// What the model knows now; messages that were forgotten are gone from it.
  [[nodiscard]] const KnownText& known() const { return known_; }
  [[nodiscard]] const std::vector<Message>& messages() const { return known_.messages; }
  /// The known text as ids, up to where the next answer would begin.
  [[nodiscard]] std::vector<std::int64_t> ids() const;
  /// Whether the cache holds what a shift left there.
  [[nodiscard]] bool approximate() const { return sequence_.approximate(); }
  /// Goes on from what another conversation knew, as if this had been it: the next turn reads it.
  /// @param known  a system message at most, at its front
  void restore(KnownText known);

  /// Tokens that the model holds now, and what it can hold.
  [[nodiscard]] std::int64_t cached_length() const { return sequence_.length(); }
  [[nodiscard]] std::int64_t max_positions() const { return sequence_.max_positions(); }

 private:
  class Turn;

  [[nodiscard]] std::vector<std::int64_t> encode(std::span<const Message> messages) const;

  CachedSequence sequence_;
  const text::Tokenizer& tokenizer_;
  ChatForm form_;
  ConversationOptions options_;
  KnownText known_;
  std::optional<KnownText> before_;  ///< known before the last turn
  std::int64_t last_prompt_ = 0;     ///< ids in front of the last answer
};

}  // namespace stac::runtime
