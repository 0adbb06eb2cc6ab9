#include "chat/turn_json.hpp"

#include <utility>

namespace stac::chat {
namespace {

nlohmann::json to_json(const Comparison& comparison) {
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

// Fields of a turn or of all, null where nothing spikes.
nlohmann::json spikes_json(const std::optional<TurnSpikes>& spikes) {
  nlohmann::json fields{{"spikes_per_activation", nullptr}, {"synops", nullptr}, {"energy_ratio", nullptr}};
  if (!spikes) return fields;
  fields["spikes_per_activation"] = spikes_per_activation(spikes->counts);
  fields["synops"] = spikes->counts.additions;
  fields["energy_ratio"] = spikes->energy.ratio;
  return fields;
}

nlohmann::json to_json(const runtime::Forgotten& forgotten) {
  return {{"policy", runtime::overflow_policy_name(forgotten.policy)},
          {"turns", forgotten.turns},
          {"tokens", forgotten.tokens},
          {"answer_tokens", forgotten.answer_tokens},
          {"approximate", forgotten.approximate}};
}

nlohmann::json without_spikes_json(const std::optional<runtime::Answer>& answer) {
  if (!answer) return nullptr;
  return {{"assistant", answer->text},
          {"ids", answer->generated.ids},
          {"stop_reason", runtime::stop_reason_name(answer->generated.reason)}};
}

}  // namespace

nlohmann::json to_json(const TurnReport& turn) {
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

nlohmann::json to_json(const Totals& totals) {
  nlohmann::json result{{"turns", totals.turns},
                        {"tokens", totals.tokens},
                        {"tokens_per_second", per_second(totals.tokens, totals.seconds)}};
  result.update(spikes_json(totals.spikes));
  return result;
}

}  // namespace stac::chat
