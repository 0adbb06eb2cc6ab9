// Conversations: facts told and asked for, by the spiking network and by what it is held against.
#include <algorithm>
#include <memory>

#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/error.hpp"
#include "stac/eval/recall.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/runtime/conversation.hpp"

namespace stac::eval {
namespace {

constexpr std::size_t kShown = 5;  ///< wrong answers among the details

/// Greedy answers of one model, a fresh conversation for each dialogue; none once its positions are full, so that a
/// question which does not fit counts as unanswered for every model alike.
ChatStarter greedy_chats(const convert::OpenedModel& model, const model::LanguageModel& language_model,
                         std::int64_t& unfit) {
  const runtime::ChatForm form =
      runtime::chat_form(model.chat_template(), model.tokenizer_config(), model.tokenizer(), model.name());
  const std::vector<std::int64_t> stops = runtime::stop_ids(model.config(), model.tokenizer(), model.folder());
  return [&model, &language_model, &unfit, form, stops](const std::optional<std::string>& system) -> Chat {
    const runtime::ConversationOptions chat{.system = system, .overflow = runtime::OverflowPolicy::error};
    auto conversation =
        std::make_shared<runtime::Conversation>(runtime::CachedSequence(language_model), model.tokenizer(), form, chat);
    return [&model, &unfit, stops, conversation](const std::string& user, std::int64_t max_tokens) {
      runtime::GenerationOptions options;
      options.max_new_tokens = max_tokens;
      options.stop_ids = stops;
      options.vocabulary = model.tokenizer().vocab_size();
      try {
        return conversation->say(user, options).text;
      } catch (const runtime::ContextFull&) {
        ++unfit;
        return std::string();
      }
    };
  };
}

struct Conversations {
  Recall spiking, reference;
  std::int64_t turns = 0;  ///< of the user
  std::int64_t unfit = 0;  ///< those that the reference's positions could not hold

  [[nodiscard]] double identical() const {
    std::size_t same = 0;
    for (std::size_t i = 0; i < spiking.answers.size(); ++i) {
      same += spiking.answers[i].answer == reference.answers[i].answer;
    }
    return spiking.answers.empty() ? 0.0 : static_cast<double>(same) / static_cast<double>(spiking.answers.size());
  }
};

Conversations hold(CheckRun& run, const std::vector<Dialogue>& dialogues) {
  Conversations held;
  for (const Dialogue& dialogue : dialogues) {
    held.turns += std::count_if(dialogue.messages.begin(), dialogue.messages.end(),
                                [](const text::Message& message) { return message.role == "user"; });
  }
  std::int64_t spiking_unfit = 0;
  held.spiking =
      measure_recall(dialogues, greedy_chats(run.model(), run.spiking(), spiking_unfit), run.plan().progress);
  held.reference =
      measure_recall(dialogues, greedy_chats(run.model(), run.reference(), held.unfit), run.plan().progress);
  return held;
}

std::string score(const char* who, const Recall& recall) {
  return formatted("%s %lld of %zu right", who, static_cast<long long>(recall.right()), recall.answers.size());
}

void add_wrong_answers(CheckResult& result, const Conversations& held) {
  for (std::size_t i = 0; i < held.spiking.answers.size() && result.details.size() < kShown; ++i) {
    const RecallAnswer& ours = held.spiking.answers[i];
    if (ours.right) continue;
    result.details.push_back("asked '" + ours.question + "', answered '" + ours.answer + "'" +
                             (held.reference.answers[i].right ? ", where the reference is right" : ""));
  }
}

/// Why the conversations prove nothing of this model; none: they do.
std::optional<std::string> nothing_to_learn(const CheckRun& run, const Conversations& held) {
  const bool has_a_bar = run.plan().require_recall || run.plan().min_identical > 0.0;
  const bool ought_to_know = run.model().chat_template() && held.unfit == 0;
  if (has_a_bar || ought_to_know || held.reference.right() > 0) return std::nullopt;
  std::string why = run.reference_name();
  if (!run.model().chat_template()) why += ", which never knew chat,";
  why += formatted(" answers none of %zu questions", held.reference.answers.size());
  if (held.unfit > 0) {
    why += formatted(" (%lld of %lld turns do not fit into its %lld positions)", static_cast<long long>(held.unfit),
                     static_cast<long long>(held.turns), static_cast<long long>(run.model().config().max_positions));
  }
  return why + formatted("; %.1f%% of the spiking answers are the same", 100.0 * held.identical());
}

CheckResult judge(const CheckRun& run, const Conversations& held, double margin) {
  const CheckPlan& plan = run.plan();
  if (const auto why = nothing_to_learn(run, held)) return skipped(*why);
  const double share = held.spiking.share(), identical = held.identical();
  std::string bar = margin == 0.0 ? "no fewer than " : formatted("at most %g points below ", 100.0 * margin);
  bar += run.reference_name();
  if (plan.require_recall) bar += formatted(", at least %g%%", 100.0 * *plan.require_recall);
  if (plan.min_identical > 0.0) bar += formatted(", %g%% the same", 100.0 * plan.min_identical);
  CheckResult result = judged(share >= held.reference.share() - margin && share >= plan.require_recall.value_or(0.0) &&
                                  identical >= plan.min_identical,
                              score("spiking", held.spiking) + ", " + score("reference", held.reference) +
                                  formatted(", %.1f%% of the answers the same", 100.0 * identical),
                              bar);
  add_wrong_answers(result, held);
  return result;
}

/// The first `turns` user turns, with the questions among them.
std::vector<Dialogue> first_turns(const std::vector<Dialogue>& dialogues, std::int64_t turns) {
  std::vector<Dialogue> kept;
  for (const Dialogue& dialogue : dialogues) {
    Dialogue part;
    for (std::size_t i = 0; i < dialogue.messages.size(); ++i) {
      const bool is_user = dialogue.messages[i].role == "user";
      if (is_user && turns-- <= 0) break;
      part.messages.push_back(dialogue.messages[i]);
      const auto question = dialogue.questions.find(i);
      if (question != dialogue.questions.end()) part.questions.insert(*question);
    }
    kept.push_back(std::move(part));
    if (turns <= 0) break;
  }
  return kept;
}

std::vector<Dialogue> planned_dialogues(const CheckPlan& plan) {
  const auto file = plan.dialogue_file.value_or(io::find_data("configs/dialogues/held_out.jsonl"));
  if (!plan.turns) return load_dialogues(file, plan.dialogue_file ? std::nullopt : std::optional(plan.dialogues));
  std::vector<Dialogue> dialogues = first_turns(load_dialogues(file), *plan.turns);
  const bool asks =
      std::any_of(dialogues.begin(), dialogues.end(), [](const auto& each) { return !each.questions.empty(); });
  if (!asks) {
    throw UsageError(
        "--turns " + std::to_string(*plan.turns) + ": none of the first turns of " + file.string() + " asks for a fact",
        "give more turns");
  }
  return dialogues;
}

}  // namespace

void require_dialogues(const CheckPlan& plan) { static_cast<void>(planned_dialogues(plan)); }

CheckResult check_multi_turn(CheckRun& run) {
  if (!text::has_tokenizer(run.model().folder())) return skipped("the model has no tokenizer");
  return judge(run, hold(run, planned_dialogues(run.plan())), run.plan().recall_margin);
}

CheckResult check_coherence(CheckRun& run) {
  if (!text::has_tokenizer(run.model().folder())) return skipped("the model has no tokenizer");
  return judge(run, hold(run, load_dialogues(io::find_data("configs/dialogues/coherence.jsonl"))), 0.0);
}

}  // namespace stac::eval
