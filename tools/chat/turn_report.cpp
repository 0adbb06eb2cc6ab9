#include "chat/turn_report.hpp"

#include <algorithm>

#include "stac/cli/table.hpp"

namespace stac::chat {
namespace {

std::string spikes_text(const TurnSpikes& spikes) {
  return cli::fixed(spikes_per_activation(spikes.counts), 2) + " spikes per activation, " +
         cli::with_separators(spikes.counts.additions) + " SynOps, " + cli::fixed(spikes.energy.ratio, 2) +
         " of dense energy";
}

}  // namespace

double per_second(std::int64_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
}

TurnSpikes& TurnSpikes::operator+=(const TurnSpikes& other) {
  counts += other.counts;
  energy.macs += other.energy.macs;
  energy.dense_picojoules += other.energy.dense_picojoules;
  energy.spiking_picojoules += other.energy.spiking_picojoules;
  energy.ratio = energy.dense_picojoules > 0 ? energy.spiking_picojoules / energy.dense_picojoules : 0.0;
  return *this;
}

double spikes_per_activation(const snn::SiteCounts& counts) {
  return counts.macs > 0 ? static_cast<double>(counts.additions) / static_cast<double>(counts.macs) : 0.0;
}

std::string comparison_text(const Comparison& comparison) {
  if (!comparison.difference) return "same as the source";
  const runtime::Difference& d = *comparison.difference;
  return "differs from the source at token " + std::to_string(d.token) + ": '" + comparison.answer_token +
         "' for its '" + comparison.source_token + "', top-2 gap " + cli::fixed(d.source_gap, 6);
}

std::string tokens_text(std::int64_t tokens) { return std::to_string(tokens) + (tokens == 1 ? " token" : " tokens"); }

std::string forgotten_text(const runtime::Forgotten& forgotten) {
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

std::optional<std::string> parting_text(const runtime::Answer& with, const runtime::Answer& without) {
  for (const runtime::Answer* answer : {&with, &without}) {
    if (answer->generated.reason == runtime::StopReason::cancelled) return std::nullopt;
  }
  const auto& a = with.generated.ids;
  const auto& b = without.generated.ids;
  if (a == b) return "the same answer";
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  return "the answers part at token " + std::to_string(at);
}

std::string status_line(const TurnReport& turn) {
  std::string line =
      tokens_text(turn.tokens()) + ", " + cli::fixed(per_second(turn.tokens(), turn.seconds()), 1) + " tokens/s";
  if (turn.spikes) line += ", " + spikes_text(*turn.spikes);
  if (turn.comparison) line += ", " + comparison_text(*turn.comparison);
  return "[" + line + "]";
}

Totals::Totals(const std::vector<TurnReport>& reports) {
  for (const TurnReport& report : reports) add(report);
}

void Totals::add(const TurnReport& report) {
  ++turns;
  tokens += report.tokens();
  seconds += report.seconds();
  if (report.spikes && spikes) *spikes += *report.spikes;
  if (report.spikes && !spikes) spikes = report.spikes;
  if (!report.comparison) return;
  ++compared;
  if (!report.comparison->difference) ++identical;
}

std::string Totals::text() const {
  std::string result = std::to_string(turns) + (turns == 1 ? " answer, " : " answers, ") + tokens_text(tokens) + ", " +
                       cli::fixed(per_second(tokens, seconds), 1) + " tokens/s";
  if (spikes) result += ", " + spikes_text(*spikes);
  if (compared > 0) {
    result += "; " + std::to_string(identical) + " of " + std::to_string(compared) +
              " greedy answers identical to the source's";
  }
  return result;
}

}  // namespace stac::chat
