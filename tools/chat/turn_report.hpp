// What stac-chat measured of each answer, as a line for people and as JSON for programs.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stac/cli/table.hpp"
#include "stac/runtime/conversation.hpp"
#include "stac/runtime/source_agreement.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::chat {

/// The source's greedy answer beside this one.
struct Comparison {
  std::optional<runtime::Difference> difference;  ///< none: identical
  std::string source_token, answer_token;         ///< of the difference, as the vocabulary spells them
};

struct TurnReport {
  std::int64_t conversation = 0;  ///< counts the dialogues of a script from 0
  std::string user;
  runtime::Answer answer;
  std::optional<snn::SiteCounts> spikes;  ///< of this turn, where the network spikes
  std::optional<Comparison> comparison;

  [[nodiscard]] std::int64_t tokens() const { return static_cast<std::int64_t>(answer.generated.ids.size()); }
  [[nodiscard]] double seconds() const { return answer.generated.answer_seconds; }
};

inline double per_second(std::int64_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
}

/// Spike-driven additions per multiply-accumulate that they replace.
inline double spikes_per_activation(const snn::SiteCounts& counts) {
  return counts.macs > 0 ? static_cast<double>(counts.additions) / static_cast<double>(counts.macs) : 0.0;
}

inline std::string comparison_text(const Comparison& comparison) {
  if (!comparison.difference) return "same as the source";
  const runtime::Difference& d = *comparison.difference;
  return "differs from the source at token " + std::to_string(d.token) + ": '" + comparison.answer_token +
         "' for its '" + comparison.source_token + "', top-2 gap " + cli::fixed(d.source_gap, 6);
}

inline std::string tokens_text(std::int64_t tokens) {
  return std::to_string(tokens) + (tokens == 1 ? " token" : " tokens");
}

inline std::string status_line(const TurnReport& turn) {
  std::string line =
      tokens_text(turn.tokens()) + ", " + cli::fixed(per_second(turn.tokens(), turn.seconds()), 1) + " tokens/s";
  if (turn.spikes) line += ", " + cli::fixed(spikes_per_activation(*turn.spikes), 2) + " spikes per activation";
  if (turn.comparison) line += ", " + comparison_text(*turn.comparison);
  return "[" + line + "]";
}

/// Everything said so far, in sums.
struct Totals {
  std::int64_t turns = 0, tokens = 0, compared = 0, identical = 0;
  double seconds = 0;
  std::optional<snn::SiteCounts> spikes;

  explicit Totals(const std::vector<TurnReport>& reports) {
    for (const TurnReport& report : reports) add(report);
  }

  void add(const TurnReport& report) {
    ++turns;
    tokens += report.tokens();
    seconds += report.seconds();
    if (report.spikes) {
      if (!spikes) spikes.emplace();
      *spikes += *report.spikes;
    }
    if (!report.comparison) return;
    ++compared;
    if (!report.comparison->difference) ++identical;
  }

  [[nodiscard]] std::string text() const {
    std::string result = std::to_string(turns) + (turns == 1 ? " answer, " : " answers, ") + tokens_text(tokens) +
                         ", " + cli::fixed(per_second(tokens, seconds), 1) + " tokens/s";
    if (spikes) result += ", " + cli::fixed(spikes_per_activation(*spikes), 2) + " spikes per activation";
    if (compared > 0) {
      result += "; " + std::to_string(identical) + " of " + std::to_string(compared) +
                " greedy answers identical to the source's";
    }
    return result;
  }
};

inline nlohmann::json to_json(const Comparison& comparison) {
  if (!comparison.difference) return {{"identical", true}, {"first_difference", nullptr}};
  const runtime::Difference& d = *comparison.difference;
  return {{"identical", false},
          {"first_difference",
           {{"token", d.token},
            {"answer_id", d.answer_id},
            {"answer_token", comparison.answer_token},
            {"source_id", d.source_id},
            {"source_token", comparison.source_token},
            {"source_top2_gap", d.source_gap}}}};
}

inline nlohmann::json spikes_json(const std::optional<snn::SiteCounts>& spikes) {
  if (!spikes) return nullptr;
  return spikes_per_activation(*spikes);
}

inline nlohmann::json to_json(const TurnReport& turn) {
  const runtime::Answer& answer = turn.answer;
  const auto prompt_tokens = static_cast<std::int64_t>(answer.prompt_ids.size());
  const double prompt_seconds = answer.generated.prompt_seconds;
  return {{"conversation", turn.conversation},
          {"user", turn.user},
          {"assistant", answer.text},
          {"ids", answer.generated.ids},
          {"stop_reason", runtime::stop_reason_name(answer.generated.reason)},
          {"tokens", turn.tokens()},
          {"tokens_per_second", per_second(turn.tokens(), turn.seconds())},
          {"prompt_tokens", prompt_tokens},
          {"cached_tokens", answer.cached_tokens},
          {"prompt_tokens_per_second", per_second(prompt_tokens - answer.cached_tokens, prompt_seconds)},
          {"cache_reread", answer.reread},
          {"spikes_per_activation", spikes_json(turn.spikes)},
          {"source", turn.comparison ? to_json(*turn.comparison) : nlohmann::json(nullptr)}};
}

inline nlohmann::json to_json(const Totals& totals) {
  return {{"turns", totals.turns},
          {"tokens", totals.tokens},
          {"tokens_per_second", per_second(totals.tokens, totals.seconds)},
          {"spikes_per_activation", spikes_json(totals.spikes)}};
}

}  // namespace stac::chat
