// Checks against the dense source, on text and in conversation.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "check_list.hpp"
#include "stac/error.hpp"
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

bool has_tokenizer(const convert::OpenedModel& model) {
  constexpr std::array kFiles{"tokenizer.json", "tokenizer.model", "vocab.json"};
  return std::any_of(kFiles.begin(), kFiles.end(),
                     [&](const char* name) { return std::filesystem::exists(model.folder() / name); });
}

/// The bundled stories, or random ids for a model without a tokenizer; the name says which.
CheckText check_text(const convert::OpenedModel& model, const CheckPlan& plan) {
  const std::int64_t context = std::min(plan.context, model.config().max_positions);
  if (!has_tokenizer(model)) {
    return {random_windows(model.config().vocab_size, context, plan.windows, plan.seed), "random ids (no tokenizer)"};
  }
  const std::filesystem::path file = bundled_evaluation_text();
  return {read_windows(model, {file, context, plan.windows, BosChoice::automatic}), file.filename().string()};
}

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

/// Greedy answers of one model, a fresh conversation for each dialogue; empty ones once its positions are full, so that
/// a question which does not fit counts as unanswered for every model alike.
ChatStarter greedy_chats(const convert::OpenedModel& model, const model::LanguageModel& language_model) {
  const runtime::ChatRenderer render =
      runtime::chat_renderer(model.chat_template(), model.tokenizer_config(), model.name());
  return [&model, &language_model, render](const std::optional<std::string>& system) -> Chat {
    auto conversation = std::make_shared<runtime::Conversation>(runtime::CachedSequence(language_model),
                                                                model.tokenizer(), render, system);
    return [&model, conversation](const std::string& user, std::int64_t max_tokens) {
      runtime::GenerationOptions options;
      options.max_new_tokens = max_tokens;
      options.stop_ids = runtime::stop_ids(model.config(), model.tokenizer());
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

std::size_t unanswered(const Recall& recall) {
  return static_cast<std::size_t>(std::count_if(recall.answers.begin(), recall.answers.end(),
                                                [](const RecallAnswer& answer) { return answer.answer.empty(); }));
}

}  // namespace

CheckResult check_fidelity(const convert::OpenedModel& model, const CheckPlan& plan) {
  if (model.source() == nullptr) return skipped("no dense source to compare with: " + model.source_missing_reason());
  const CheckText text = check_text(model, plan);
  const Fidelity fidelity = *measure_quality(model, plan.engine, text.windows, plan.seed).fidelity;
  const bool passed =
      fidelity.ratio <= plan.max_ratio && fidelity.top1_agreement >= plan.min_agreement && fidelity.kl <= plan.max_kl;
  return judged(
      passed,
      formatted("perplexity ratio %.4f, top-1 %.2f%%, KL %.5f on ", fidelity.ratio, 100.0 * fidelity.top1_agreement,
                fidelity.kl) +
          text.name,
      formatted("ratio <= %g, top-1 >= %g%%, KL <= %g", plan.max_ratio, 100.0 * plan.min_agreement, plan.max_kl));
}

CheckResult check_dead_network(const convert::OpenedModel& model, const CheckPlan& plan) {
  const model::LanguageModel* source = model.source();
  if (source == nullptr) return skipped("no dense source to compare with: " + model.source_missing_reason());
  const CheckText text = check_text(model, plan);
  const Fidelity fidelity = *measure_quality(model, plan.engine, text.windows, plan.seed).fidelity;
  const std::int64_t ours = fidelity.spiking.distinct_predictions, dense = fidelity.dense.distinct_predictions;
  return judged(2 * ours >= dense,
                formatted("%lld distinct predictions, dense %lld, in %lld positions", static_cast<long long>(ours),
                          static_cast<long long>(dense), static_cast<long long>(fidelity.spiking.scored_tokens)),
                "at least half as many as the dense model's");
}

CheckResult check_recall(const convert::OpenedModel& model, const CheckPlan& plan) {
  if (!has_tokenizer(model)) return skipped("the model has no tokenizer");
  if (!model.chat_template()) return skipped("the model has no chat template: it never knew chat");
  const auto dialogues = load_dialogues(io::find_data("configs/dialogues/held_out.jsonl"), plan.dialogues);
  const Recall ours = measure_recall(dialogues, greedy_chats(model, model.spiking(plan.engine)));
  if (model.source() == nullptr) {
    return skipped(recall_text("spiking", ours) + ", but there is no dense source: " + model.source_missing_reason());
  }
  const Recall dense = measure_recall(dialogues, greedy_chats(model, *model.source()));
  const std::string measured = recall_text("spiking", ours) + ", " + recall_text("dense", dense);
  if (unanswered(dense) == dense.answers.size()) {
    return skipped("the model's " + std::to_string(model.config().max_positions) +
                   " positions are too few for any question of the dialogues");
  }
  return judged(ours.share() >= dense.share() - plan.recall_margin, measured,
                formatted("at most %g points below the dense model", 100.0 * plan.recall_margin));
}

}  // namespace stac::eval
