// What a conversation forgets when its text outgrows the context, as a function of messages: no model takes part.
//
// Under each policy the model goes on with a text that is kept: a conversation after a drop is, to the bit, a fresh one
// that begins with the kept text (`shift` alone is an approximation of that).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stac/runtime/chat_form.hpp"

namespace stac::runtime {

enum class OverflowPolicy {
  turns,   ///< the oldest whole turns go, the system message stays; the kept text is read again
  window,  ///< the oldest tokens go, a quarter of the context at a time, the system message's among them; read again
  shift,   ///< turns, but the cached keys of the kept text are turned to their new positions: faster, approximate
  error    ///< nothing goes: the turn is refused, or the answer cut
};

/// "turns", "window", "shift", "error"
[[nodiscard]] std::string_view overflow_policy_name(OverflowPolicy policy);
/// @return nothing where there is no policy of this name
[[nodiscard]] std::optional<OverflowPolicy> find_overflow_policy(std::string_view name);

/// What a model still knows of a conversation: these messages, without the first ids of their rendering.
struct KnownText {
  std::vector<Message> messages;
  std::int64_t dropped_ids = 0;  ///< window's

  friend bool operator==(const KnownText&, const KnownText&) = default;
};

/// The ids of a conversation up to where the assistant's next answer begins.
using ChatEncoder = std::function<std::vector<std::int64_t>(std::span<const Message>)>;

[[nodiscard]] std::vector<std::int64_t> known_ids(const KnownText& text, const ChatEncoder& encode);

/// What was forgotten at once.
struct Forgotten {
  OverflowPolicy policy = OverflowPolicy::turns;
  std::int64_t turns = 0;          ///< user messages that are gone with all that was answered
  std::int64_t tokens = 0;         ///< by which the text became shorter
  std::int64_t answer_tokens = 0;  ///< of the answer that were written by then; 0: it was in front of the answer
  bool approximate = false;        ///< the kept text was not read again (shift)
};

/// Makes room behind a text that is to be followed by `written` ids of an answer and at least one more. Whole turns go
/// one by one until a quarter of the context is free, the last user message excepted; tokens go by quarters of the
/// context until there is room, the last id of the text excepted.
/// @param text     ends with a user message; changed where something is forgotten
/// @param context  tokens that the model can hold
/// @return what is gone; its `tokens` are 0 where nothing can go. Whether there is room now is for the caller to see.
[[nodiscard]] Forgotten forget_oldest(KnownText& text, OverflowPolicy policy, std::int64_t context,
                                      std::int64_t written, const ChatEncoder& encode);

}  // namespace stac::runtime
