// A conversation of stac-chat: the model in the mode asked for, the source beside it, and a report of every turn.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/chat_options.hpp"
#include "chat/turn_report.hpp"
#include "stac/cli/console.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/runtime/conversation.hpp"
#include "stac/runtime/generation_config.hpp"
#include "stac/runtime/source_agreement.hpp"

namespace stac::chat {

class ChatSession {
 public:
  /// @param compare  beside each answer, what the source would have said
  /// @throws stac::Error  no tokenizer, a broken chat template, or no source where it is asked for
  ChatSession(const convert::OpenedModel& model, const ChatOptions& options, cli::Console& console, bool compare)
      : model_(model), console_(console), mode_(options.mode()), system_(options.system) {
    form_ = runtime::chat_form(model.chat_template(), model.tokenizer_config(), model.tokenizer(), model.name());
    if (form_.plain) {
      console.note("the model has no chat template: it is asked in the plain form User: ... Assistant: ...");
    }
    generation_.sampling = options.sampling;
    generation_.sampling.seed = static_cast<std::uint64_t>(console.options().seed);
    generation_.max_new_tokens = options.max_new_tokens;
    generation_.stop_ids = runtime::stop_ids(model.config(), model.tokenizer(), model.folder());
    generation_.vocabulary = model.tokenizer().vocab_size();
    engine_ = options.model.engine_kind();
    if (compare) start_source(options.compare_source);
    start({});
  }

  /// A new conversation. @param system  its system message, instead of the command line's
  void start(const std::optional<std::string>& system) {
    const std::optional<std::string>& first = system ? system : system_;
    conversation_.emplace(new_sequence(), model_.tokenizer(), form_, first);
    if (!turns_.empty()) ++conversations_;
  }

  /// One turn; the answer goes to the console as it comes. Ctrl-C stops the answer.
  const TurnReport& say(const std::string& user) {
    const snn::SiteCounts before = counts();
    TurnReport report;
    report.conversation = conversations_;
    report.user = user;
    const runtime::AnswerHooks hooks{[this](std::string_view piece) { console_.print(piece); },
                                     [] { return cli::interrupt_requested(); }};
    report.answer = conversation_->say(user, generation_, hooks);
    if (spiking_) report.spikes = difference(counts(), before);
    if (source_ && report.answer.generated.reason != runtime::StopReason::cancelled) {
      report.comparison = compare(report.answer);
    }
    return turns_.emplace_back(std::move(report));
  }

  [[nodiscard]] const std::vector<TurnReport>& turns() const { return turns_; }
  [[nodiscard]] const runtime::Conversation& conversation() const { return *conversation_; }

  [[nodiscard]] nlohmann::json report() const {
    const convert::ConversionOptions& conversion = model_.options();
    nlohmann::json turns = nlohmann::json::array();
    for (const TurnReport& turn : turns_) turns.push_back(to_json(turn));
    nlohmann::json result{
        {"model", model_.name()},      {"mode", mode_ == Mode::snn ? "snn" : mode_ == Mode::ann ? "ann" : "source"},
        {"turns", std::move(turns)},   {"totals", to_json(Totals(turns_))},
        {"sampling", sampling_json()}, {"source_agreement", agreement_json()}};
    if (mode_ == Mode::snn) {
      result.update({{"engine", engine_ == snn::EngineKind::fused ? "fused" : "temporal"},
                     {"code", "phase"},
                     {"timesteps", conversion.code.timesteps},
                     {"base", conversion.code.base}});
    }
    return result;
  }

 private:
  [[nodiscard]] runtime::CachedSequence new_sequence() {
    if (mode_ == Mode::snn) {
      auto sequence = model_.spiking(engine_).start_spiking();
      spiking_ = sequence.get();
      return {std::move(sequence), model_.config().max_positions};
    }
    if (mode_ == Mode::ann) return runtime::CachedSequence(model_.ann());
    return runtime::CachedSequence(required_source());
  }

  [[nodiscard]] const model::LanguageModel& required_source() const {
    if (const auto* source = model_.source()) return *source;
    throw Error("the source checkpoint is not to be had: " + model_.source_missing_reason(),
                "say where it is with --dense FOLDER");
  }

  // Asked for by name, a missing source is an error; else the report says why there is no comparison.
  void start_source(bool asked_for) {
    if (mode_ == Mode::source) return no_comparison("the answers are the source's own");
    if (generation_.sampling.temperature > 0) return no_comparison("the answers are sampled, not greedy");
    if (asked_for) {
      source_.emplace(required_source());
    } else if (const auto* source = model_.source()) {
      source_.emplace(*source);
    } else {
      no_comparison(model_.source_missing_reason());
    }
  }

  void no_comparison(const std::string& reason) { no_comparison_reason_ = reason; }

  [[nodiscard]] Comparison compare(const runtime::Answer& answer) {
    Comparison result{runtime::first_difference(*source_, answer, generation_), {}, {}};
    if (!result.difference) return result;
    result.source_token = model_.tokenizer().token(result.difference->source_id);
    result.answer_token = model_.tokenizer().token(result.difference->answer_id);
    return result;
  }

  [[nodiscard]] snn::SiteCounts counts() const { return spiking_ ? spiking_->ledger().total() : snn::SiteCounts{}; }

  static snn::SiteCounts difference(const snn::SiteCounts& now, const snn::SiteCounts& before) {
    return {now.macs - before.macs,     now.windows - before.windows,     now.silent - before.silent,
            now.spikes - before.spikes, now.additions - before.additions, now.saturated - before.saturated};
  }

  [[nodiscard]] nlohmann::json sampling_json() const {
    const runtime::SamplingOptions& s = generation_.sampling;
    return {{"temperature", s.temperature},
            {"top_k", s.top_k},
            {"top_p", s.top_p},
            {"repetition_penalty", s.repetition_penalty},
            {"seed", s.seed},
            {"max_new_tokens", generation_.max_new_tokens}};
  }

  [[nodiscard]] nlohmann::json agreement_json() const {
    if (!source_) return {{"identical", nullptr}, {"reason", no_comparison_reason_}};
    const Totals totals(turns_);
    if (totals.compared == 0) return {{"identical", nullptr}, {"reason", "no answer was compared"}};
    return {{"identical", totals.identical == totals.compared},
            {"answers_compared", totals.compared},
            {"answers_identical", totals.identical}};
  }

  const convert::OpenedModel& model_;
  cli::Console& console_;
  Mode mode_;
  snn::EngineKind engine_ = snn::EngineKind::fused;
  std::optional<std::string> system_;
  runtime::ChatForm form_;
  runtime::GenerationOptions generation_;
  std::optional<runtime::Conversation> conversation_;
  const snn::SpikingSequence* spiking_ = nullptr;  // inside conversation_, in mode snn
  std::optional<runtime::CachedSequence> source_;
  std::string no_comparison_reason_ = "not asked for (--compare-source)";
  std::vector<TurnReport> turns_;
  std::int64_t conversations_ = 0;
};

}  // namespace stac::chat
