// Does a model still know what it was told? Dialogues are really held: every answer is generated, and stands in the
// history that the next one is generated from.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stac/eval/dialogues.hpp"
#include "stac/eval/progress.hpp"

namespace stac::eval {

/// One conversation: a user's message in, the answer out.
/// @param max_tokens  of the answer
using Chat = std::function<std::string(const std::string& user, std::int64_t max_tokens)>;

/// Begins a new conversation. @param system  its first message, if it has one
using ChatStarter = std::function<Chat(const std::optional<std::string>& system)>;

struct RecallAnswer {
  std::int64_t dialogue = 0;  ///< 0 is the first
  std::string question;
  std::string answer;
  bool right = false;
};

struct Recall {
  std::vector<RecallAnswer> answers;  ///< in order
  [[nodiscard]] std::int64_t right() const;
  /// Share of right answers; 0 without any question.
  [[nodiscard]] double share() const;
};

/// A question's answer may take 40 tokens, any other 80.
/// @param progress  counts dialogues
[[nodiscard]] Recall measure_recall(const std::vector<Dialogue>& dialogues, const ChatStarter& start,
                                    const Progress& progress = {});

}  // namespace stac::eval
