#include "stac/runtime/context_overflow.hpp"

#include <algorithm>
#include <cstddef>

namespace stac::runtime {
namespace {

using Place = std::vector<Message>::iterator;

bool has_system_message(const std::vector<Message>& messages) {
  return !messages.empty() && messages.front().role == "system";
}

/// Where the oldest turn stands: from a user message to before the next one. Empty where it is the only one.
std::pair<Place, Place> oldest_turn(std::vector<Message>& messages) {
  const auto is_user = [](const Message& message) { return message.role == "user"; };
  const Place first = messages.begin() + (has_system_message(messages) ? 1 : 0);
  const Place next = first == messages.end() ? first : std::find_if(first + 1, messages.end(), is_user);
  return next == messages.end() ? std::pair(first, first) : std::pair(first, next);
}

std::int64_t length_of(const KnownText& text, const ChatEncoder& encode) {
  return static_cast<std::int64_t>(known_ids(text, encode).size());
}

std::int64_t quarter(std::int64_t context) { return std::max<std::int64_t>(1, context / 4); }

std::int64_t drop_turns(KnownText& text, std::int64_t most, const ChatEncoder& encode) {
  std::int64_t turns = 0;
  while (length_of(text, encode) > most) {
    const auto [first, next] = oldest_turn(text.messages);
    if (first == next) break;
    text.messages.erase(first, next);
    ++turns;
  }
  return turns;
}

/// Messages whose last id is dropped go from the list, so that it does not grow for ever. The rendering of those that
/// stay must be the end of the rendering of all.
std::int64_t drop_forgotten_messages(KnownText& text, const ChatEncoder& encode) {
  std::int64_t turns = 0;
  while (true) {
    KnownText shorter = text;
    const auto [first, next] = oldest_turn(shorter.messages);
    if (first == next) return turns;
    shorter.messages.erase(shorter.messages.begin(), next);  // the system message too
    const std::vector<std::int64_t> whole = encode(text.messages), rest = encode(shorter.messages);
    const auto gone = static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(rest.size());
    const bool is_end = gone >= 0 && std::equal(rest.begin(), rest.end(), whole.begin() + gone);
    if (!is_end || gone > text.dropped_ids) return turns;
    shorter.dropped_ids = text.dropped_ids - gone;
    text = std::move(shorter);
    ++turns;
  }
}

}  // namespace

std::string_view overflow_policy_name(OverflowPolicy policy) {
  switch (policy) {
    case OverflowPolicy::turns:
      return "turns";
    case OverflowPolicy::window:
      return "window";
    case OverflowPolicy::shift:
      return "shift";
    case OverflowPolicy::error:
      return "error";
  }
  return "unknown";
}

std::optional<OverflowPolicy> find_overflow_policy(std::string_view name) {
  for (const OverflowPolicy policy :
       {OverflowPolicy::turns, OverflowPolicy::window, OverflowPolicy::shift, OverflowPolicy::error}) {
    if (name == overflow_policy_name(policy)) return policy;
  }
  return std::nullopt;
}

std::vector<std::int64_t> known_ids(const KnownText& text, const ChatEncoder& encode) {
  std::vector<std::int64_t> ids = encode(text.messages);
  const auto dropped = std::min(text.dropped_ids, static_cast<std::int64_t>(ids.size()));
  ids.erase(ids.begin(), ids.begin() + dropped);
  return ids;
}

Forgotten forget_oldest(KnownText& text, OverflowPolicy policy, std::int64_t context, std::int64_t written,
                        const ChatEncoder& encode) {
  const std::int64_t before = length_of(text, encode);
  Forgotten forgotten{policy};
  switch (policy) {
    case OverflowPolicy::error:
      return forgotten;
    case OverflowPolicy::turns:
    case OverflowPolicy::shift:
      forgotten.turns = drop_turns(text, context - quarter(context) - written, encode);
      break;
    case OverflowPolicy::window: {
      const std::int64_t excess = before + written + 1 - context;
      const std::int64_t step = quarter(context);
      const std::int64_t wanted = excess > 0 ? (excess + step - 1) / step * step : 0;
      text.dropped_ids += std::clamp<std::int64_t>(wanted, 0, std::max<std::int64_t>(0, before - 1));
      forgotten.turns = drop_forgotten_messages(text, encode);
      break;
    }
  }
  forgotten.tokens = before - length_of(text, encode);
  forgotten.answer_tokens = written;
  return forgotten;
}

}  // namespace stac::runtime
