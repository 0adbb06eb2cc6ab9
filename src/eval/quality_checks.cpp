// Checks against the dense source, on text and in conversation.
#include <algorithm>
#include <memory>

#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/error.hpp"
#include "stac/eval/condition.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/eval/quality.hpp"
#include "stac/eval/recall.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/runtime/conversation.hpp"

namespace stac::eval {
namespace {

struct CheckText {
  TokenWindows windows;
  std::string name;
};

/// The bundled stories, or random ids for a model without a tokenizer; the name says which.
CheckText check_text(const convert::OpenedModel& model, const CheckPlan& plan) {
  const std::int64_t context = std::min(plan.context, model.config().max_positions);
  if (!plan.text && !text::has_tokenizer(model.folder())) {
    return {random_windows(model.config().vocab_size, context, plan.windows, plan.seed), "random ids (no tokenizer)"};
  }
  const std::filesystem::path file = plan.text.value_or(bundled_evaluation_text());
  return {read_windows(model, {file, context, plan.windows, BosChoice::automatic}), file.filename().string()};
}

/// Greedy answers of one model, a fresh conversation for each dialogue; empty ones once its positions are full, so that
/// a question which does not fit counts as unanswered for every model alike.
ChatStarter greedy_chats(const convert::OpenedModel& model, const model::LanguageModel& language_model) {
  const runtime::ChatForm form =
      runtime::chat_form(model.chat_template(), model.tokenizer_config(), model.tokenizer(), model.name());
  const std::vector<std::int64_t> stops = runtime::stop_ids(model.config(), model.tokenizer(), model.folder());
  return [&model, &language_model, form, stops](const std::optional<std::string>& system) -> Chat {
    const runtime::ConversationOptions chat{.system = system, .overflow = runtime::OverflowPolicy::error};
    auto conversation = std::make_shared<runtime::Conversation>(runtime::CachedSequence(language_model),
                                                                model.tokenizer(), form, chat);
    return [&model, stops, conversation](const std::string& user, std::int64_t max_tokens) {
      runtime::GenerationOptions options;
      options.max_new_tokens = max_tokens;
      options.stop_ids = stops;
      options.vocabulary = model.tokenizer().vocab_size();
      try {
        return conversation->say(user, options).text;
      } catch (const runtime::ContextFull&) {
        return std::string();
      }
    };
  };
}

std::string recall_text(const char* who, const Recall& recall) {
  return formatted("%s %lld of %zu right", who, static_cast<long long>(recall.right()), recall.answers.size());
}

double share_of_same_answers(const Recall& a, const Recall& b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.answers.size(); ++i) same += a.answers[i].answer == b.answers[i].answer;
  return static_cast<double>(same) / static_cast<double>(a.answers.size());
}

CheckResult no_source(const CheckRun& run) {
  return skipped("no dense source to compare with: " + run.model().source_missing_reason());
}

}  // namespace

const Fidelity& CheckRun::fidelity() {
  if (!fidelity_) {
    const CheckText text = check_text(model_, plan_);
    text_name_ = text.name;
    fidelity_ = measure_quality(model_, plan_.engine, text.windows, plan_.seed, plan_.progress).fidelity;
  }
  return *fidelity_;
}

CheckResult check_fidelity(CheckRun& run) {
  const CheckPlan& plan = run.plan();
  if (run.model().source() == nullptr) return no_source(run);
  const Fidelity& fidelity = run.fidelity();
  const bool passed =
      fidelity.ratio <= plan.max_ratio && fidelity.top1_agreement >= plan.min_agreement && fidelity.kl <= plan.max_kl;
  return judged(
      passed,
      formatted("perplexity ratio %.4f, top-1 %.2f%%, KL %.5f on ", fidelity.ratio, 100.0 * fidelity.top1_agreement,
                fidelity.kl) +
          run.text_name(),
      formatted("ratio <= %g, top-1 >= %g%%, KL <= %g", plan.max_ratio, 100.0 * plan.min_agreement, plan.max_kl));
}

CheckResult check_dead_network(CheckRun& run) {
  if (run.model().source() == nullptr) return no_source(run);
  const Fidelity& fidelity = run.fidelity();
  const Diagnosis diagnosis = diagnose(fidelity);
  return judged(diagnosis.condition != convert::Condition::dead, diagnosis.sentence,
                formatted("perplexity below x%g, at least %g%% of the dense model's distinct predictions", kDeadRatio,
                          100.0 * kDeadVariety));
}

CheckResult check_recall(CheckRun& run) {
  const convert::OpenedModel& model = run.model();
  const CheckPlan& plan = run.plan();
  if (!text::has_tokenizer(model.folder())) return skipped("the model has no tokenizer");
  if (!model.chat_template()) return skipped("the model has no chat template: it never knew chat");
  const auto dialogues = load_dialogues(io::find_data("configs/dialogues/held_out.jsonl"), plan.dialogues);
  const Recall ours = measure_recall(dialogues, greedy_chats(model, model.spiking(plan.engine)), plan.progress);
  if (model.source() == nullptr) {
    return skipped(recall_text("spiking", ours) + ", but there is no dense source: " + model.source_missing_reason());
  }
  const Recall dense = measure_recall(dialogues, greedy_chats(model, *model.source()), plan.progress);
  if (dense.right() == 0) return skipped("the dense model itself answers none of the questions");
  const double identical = share_of_same_answers(ours, dense);
  return judged(ours.share() >= dense.share() - plan.recall_margin && ours.share() >= plan.min_recall &&
                    identical >= plan.min_identical,
                recall_text("spiking", ours) + ", " + recall_text("dense", dense) +
                    formatted(", %.1f%% of the answers the same", 100.0 * identical),
                formatted("at most %g points below the dense model, at least %g%%, %g%% the same",
                          100.0 * plan.recall_margin, 100.0 * plan.min_recall, 100.0 * plan.min_identical));
}

}  // namespace stac::eval
