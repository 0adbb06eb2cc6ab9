// What stac-chat measured of each answer, and how it is told to people.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

[[nodiscard]] double per_second(std::int64_t tokens, double seconds);

/// Spike-driven additions per multiply-accumulate that they replace.
[[nodiscard]] double spikes_per_activation(const snn::SiteCounts& counts);

/// "1 token", "2 tokens"
[[nodiscard]] std::string tokens_text(std::int64_t tokens);

[[nodiscard]] std::string comparison_text(const Comparison& comparison);

/// "the context is full: forgot the oldest 2 turns (143 tokens) ..."
[[nodiscard]] std::string forgotten_text(const runtime::Forgotten& forgotten);

/// --compare: where the two answers part; nothing where one of them was stopped before it was through.
[[nodiscard]] std::optional<std::string> parting_text(const runtime::Answer& with, const runtime::Answer& without);

/// "[12 tokens, 80.0 tokens/s, ...]"
[[nodiscard]] std::string status_line(const TurnReport& turn);

/// Everything said so far, in sums.
struct Totals {
  std::int64_t turns = 0, tokens = 0, compared = 0, identical = 0;
  double seconds = 0;
  std::optional<TurnSpikes> spikes;

  explicit Totals(const std::vector<TurnReport>& reports);
  void add(const TurnReport& report);
  [[nodiscard]] std::string text() const;
};

}  // namespace stac::chat
