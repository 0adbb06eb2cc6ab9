#include "stac/eval/recall.hpp"

#include <algorithm>

namespace stac::eval {
namespace {

constexpr std::int64_t kQuestionTokens = 40;
constexpr std::int64_t kTalkTokens = 80;  // so that a story is not cut

std::optional<std::string> system_message(const Dialogue& dialogue) {
  const bool has_one = !dialogue.messages.empty() && dialogue.messages.front().role == "system";
  return has_one ? std::optional(dialogue.messages.front().content) : std::nullopt;
}

}  // namespace

std::int64_t Recall::right() const {
  return std::count_if(answers.begin(), answers.end(), [](const RecallAnswer& answer) { return answer.right; });
}

double Recall::share() const {
  return answers.empty() ? 0.0 : static_cast<double>(right()) / static_cast<double>(answers.size());
}

Recall measure_recall(const std::vector<Dialogue>& dialogues, const ChatStarter& start, const Progress& progress) {
  Recall recall;
  for (std::size_t d = 0; d < dialogues.size(); ++d) {
    const Dialogue& dialogue = dialogues[d];
    const Chat chat = start(system_message(dialogue));
    for (std::size_t turn = 0; turn < dialogue.messages.size(); ++turn) {
      if (dialogue.messages[turn].role != "user") continue;  // the model's own answers stand in the references' place
      const std::string& said = dialogue.messages[turn].content;
      const auto question = dialogue.questions.find(turn);
      const bool asked = question != dialogue.questions.end();
      const std::string answer = chat(said, asked ? kQuestionTokens : kTalkTokens);
      if (!asked) continue;
      recall.answers.push_back(
          {static_cast<std::int64_t>(d), said, answer, answer_has_keywords(answer, question->second)});
    }
    tell(progress, static_cast<std::int64_t>(d + 1), static_cast<std::int64_t>(dialogues.size()));
  }
  return recall;
}

}  // namespace stac::eval
