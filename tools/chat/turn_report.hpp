// What stac-chat measured of each answer, as a line for people and as JSON for programs.
#pragma once
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stac/cli/table.hpp"
#include "stac/energy/energy_estimate.hpp"
#include "stac/runtime/conversation.hpp"
#include "stac/runtime/source_agreement.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::chat {

/// The source's greedy answer beside this one.
struct Comparison {
  std::optional<runtime::Difference> difference;  ///< none: identical
  std::string source_token, answer_token;         ///< of the difference, as the vocabulary spells them
};

/// What the spikes of one turn were, and what they would cost.
struct TurnSpikes {
  snn::SiteCounts counts;
  energy::EnergyEstimate energy;

  TurnSpikes& operator+=(const TurnSpikes& other);
};

struct TurnReport {
  std::int64_t conversation = 0;  ///< counts the dialogues of a script from 0
  std::string user;
  runtime::Answer answer;
  std::int64_t prompt_tokens = 0;    ///< in front of the answer
  std::uint64_t seed = 0;            ///< that it was drawn with
  std::optional<TurnSpikes> spikes;  ///< where the network spikes
  std::optional<Comparison> comparison;
  std::optional<runtime::Answer> without_spikes;  ///< --compare: the other network's answer

  [[nodiscard]] std::int64_t tokens() const { return static_cast<std::int64_t>(answer.generated.ids.size()); }
  [[nodiscard]] double seconds() const { return answer.generated.answer_seconds; }
};

inline double per_second(std::int64_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
}

inline TurnSpikes& TurnSpikes::operator+=(const TurnSpikes& other) {
  counts += other.counts;
  energy.macs += other.energy.macs;
  energy.dense_picojoules += other.energy.dense_picojoules;
  energy.spiking_picojoules += other.energy.spiking_picojoules;
  energy.ratio = energy.dense_picojoules > 0 ? energy.spiking_picojoules / energy.dense_picojoules : 0.0;
  return *this;
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

inline std::string spikes_text(const TurnSpikes& spikes) {
  return cli::fixed(spikes_per_activation(spikes.counts), 2) + " spikes per activation, " +
         cli::with_separators(spikes.counts.additions) + " SynOps, " + cli::fixed(spikes.energy.ratio, 2) +
         " of dense energy";
}

/// "forgot the oldest 2 turns (143 tokens) ..."
inline std::string forgotten_text(const runtime::Forgotten& forgotten) {
  std::string text = "the context is full: forgot ";
  if (forgotten.policy == runtime::OverflowPolicy::window) {
    text += "the oldest " + tokens_text(forgotten.tokens);
  } else {
    text += "the oldest " + (forgotten.turns == 1 ? std::string("turn") : std::to_string(forgotten.turns) + " turns") +
            " (" + tokens_text(forgotten.tokens) + ")";
  }
  if (forgotten.answer_tokens > 0) text += " after " + tokens_text(forgotten.answer_tokens) + " of this answer";
  if (forgotten.policy != runtime::OverflowPolicy::shift) return text;
  return text +
         (forgotten.approximate ? "; what is kept was shifted, an approximation" : "; what is kept was read again");
}

/// --compare: where the two answers part.
inline std::string parting_text(const runtime::Answer& with, const runtime::Answer& without) {
  const auto& a = with.generated.ids;
  const auto& b = without.generated.ids;
  if (a == b) return "the same answer";
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  return "the answers part at token " + std::to_string(at);
}

inline std::string status_line(const TurnReport& turn) {
  std::string line =
      tokens_text(turn.tokens()) + ", " + cli::fixed(per_second(turn.tokens(), turn.seconds()), 1) + " tokens/s";
  if (turn.spikes) line += ", " + spikes_text(*turn.spikes);
  if (turn.comparison) line += ", " + comparison_text(*turn.comparison);
  return "[" + line + "]";
}

/// Everything said so far, in sums.
struct Totals {
  std::int64_t turns = 0, tokens = 0, compared = 0, identical = 0;
  double seconds = 0;
  std::optional<TurnSpikes> spikes;

  explicit Totals(const std::vector<TurnReport>& reports) {
    for (const TurnReport& report : reports) add(report);
  }

  void add(const TurnReport& report) {
    ++turns;
    tokens += report.tokens();
    seconds += report.seconds();
    if (report.spikes && spikes) *spikes += *report.spikes;
    if (report.spikes && !spikes) spikes = report.spikes;
    if (!report.comparison) return;
    ++compared;
    if (!report.comparison->difference) ++identical;
  }

  [[nodiscard]] std::string text() const {
    std::string result = std::to_string(turns) + (turns == 1 ? " answer, " : " answers, ") + tokens_text(tokens) +
                         ", " + cli::fixed(per_second(tokens, seconds), 1) + " tokens/s";
    if (spikes) result += ", " + spikes_text(*spikes);
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

/// Fields of a turn or of all, null where nothing spikes.
inline nlohmann::json spikes_json(const std::optional<TurnSpikes>& spikes) {
  nlohmann::json fields{{"spikes_per_activation", nullptr}, {"synops", nullptr}, {"energy_ratio", nullptr}};
  if (!spikes) return fields;
  fields["spikes_per_activation"] = spikes_per_activation(spikes->counts);
  fields["synops"] = spikes->counts.additions;
  fields["energy_ratio"] = spikes->energy.ratio;
  return fields;
}

inline nlohmann::json to_json(const runtime::Forgotten& forgotten) {
  return {{"policy", runtime::overflow_policy_name(forgotten.policy)},
          {"turns", forgotten.turns},
          {"tokens", forgotten.tokens},
          {"answer_tokens", forgotten.answer_tokens},
          {"approximate", forgotten.approximate}};
}

inline nlohmann::json without_spikes_json(const std::optional<runtime::Answer>& answer) {
  if (!answer) return nullptr;
  return {{"assistant", answer->text},
          {"ids", answer->generated.ids},
          {"stop_reason", runtime::stop_reason_name(answer->generated.reason)}};
}

inline nlohmann::json to_json(const TurnReport& turn) {
  const runtime::Answer& answer = turn.answer;
  const double prompt_seconds = answer.generated.prompt_seconds;
  nlohmann::json forgotten = nlohmann::json::array();
  for (const runtime::Forgotten& one : answer.forgotten) forgotten.push_back(to_json(one));
  nlohmann::json result{
      {"conversation", turn.conversation},
      {"user", turn.user},
      {"assistant", answer.text},
      {"ids", answer.generated.ids},
      {"stop_reason", runtime::stop_reason_name(answer.generated.reason)},
      {"tokens", turn.tokens()},
      {"tokens_per_second", per_second(turn.tokens(), turn.seconds())},
      {"prompt_tokens", turn.prompt_tokens},
      {"cached_tokens", answer.cached_tokens},
      {"prompt_tokens_per_second", per_second(turn.prompt_tokens - answer.cached_tokens, prompt_seconds)},
      {"cache_reread", answer.reread},
      {"forgotten", std::move(forgotten)},
      {"approximate", answer.approximate},
      {"seed", turn.seed},
      {"without_spikes", without_spikes_json(turn.without_spikes)},
      {"source", turn.comparison ? to_json(*turn.comparison) : nlohmann::json(nullptr)}};
  result.update(spikes_json(turn.spikes));
  return result;
}

inline nlohmann::json to_json(const Totals& totals) {
  nlohmann::json result{{"turns", totals.turns},
                        {"tokens", totals.tokens},
                        {"tokens_per_second", per_second(totals.tokens, totals.seconds)}};
  result.update(spikes_json(totals.spikes));
  return result;
}

}  // namespace stac::chat
