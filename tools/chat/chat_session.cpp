#include "chat/chat_session.hpp"

#include <algorithm>
#include <utility>

#include "chat/side_by_side.hpp"
#include "chat/turn_json.hpp"
#include "stac/cli/byte_size.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/error.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/runtime/processor_sequence.hpp"
#include "stac/runtime/source_agreement.hpp"

namespace stac::chat {

ChatSession::ChatSession(const convert::OpenedModel& model, const ChatOptions& options, cli::Console& console,
                         bool compare_source)
    : model_(model),
      options_(options),
      console_(console),
      energies_(energy::find_energy_model(options.model.conversion.prices())),
      mode_(mode_of(options.mode.value_or("snn"))),
      settings_(options.settings({}, console.options().seed)),
      form_(runtime::chat_form(model.chat_template(), model.tokenizer_config(), model.tokenizer(), model.name())),
      stop_ids_(runtime::stop_ids(model.config(), model.tokenizer(), model.folder())) {
  if (form_.plain) {
    console.note("the model has no chat template: it is asked in the plain form User: ... Assistant: ...");
  }
  require_possible(mode_);
  if (options_.compare && console_.options().device == "cuda") {
    console_.note("--device cuda: the answer with spikes is the GPU's, the one without comes from the CPU");
  }
  if (compare_source) start_source(options.compare_source);
  start({});
}

void ChatSession::require_possible(Mode mode) const {
  require_runs_on(console_.options().device, mode);
  require_context(settings_.max_context, options_.position_overflow_choice(), model_.config());
  if (settings_.overflow == runtime::OverflowPolicy::shift) {
    snn::require_shiftable(model_.config());
    if (mode != Mode::snn || options_.compare) {
      throw Error("--overflow shift is for the spiking network alone", "start again with turns or window");
    }
  }
  for (const runtime::LogitBias& bias : settings_.sampling.logit_bias) {
    if (bias.id < model_.tokenizer().vocab_size()) continue;
    throw UsageError("--logit-bias is for token " + std::to_string(bias.id) + ", but the tokenizer has " +
                         std::to_string(model_.tokenizer().vocab_size()),
                     "ids begin at 0");
  }
}

const std::shared_ptr<runtime::TemporalSpikeProcessor>& ChatSession::processor() {
  if (processor_) return processor_;
  const snn::EngineKind engine = options_.model.engine_kind();
  runtime::ProcessorOptions options{.kv_budget_bytes = options_.kv_budget_bytes(),
                                    .position_overflow = options_.position_overflow_choice()};
  options.on_drop = [this](const runtime::DroppedConversation& dropped) {
    console_.note("--kv-budget: the conversation '" + dropped.id + "' (" + tokens_text(dropped.tokens) + ", " +
                  cli::byte_size_text(dropped.bytes) + ") left the cache; gone back to, it is read again");
  };
  processor_ = std::make_shared<runtime::TemporalSpikeProcessor>(model_.spiking(engine), std::move(options));
  const std::int64_t wanted = settings_.max_context.value_or(model_.config().max_positions);
  const auto held = processor_->tokens_within_budget(wanted);
  if (held && *held < 1) {
    throw UsageError("--kv-budget " + *options_.kv_budget +
                         " does not hold the block of tokens that a cache begins with, " +
                         cli::byte_size_text(model_.spiking(engine).network().new_state().bytes_after(1)),
                     "give more than that");
  }
  if (held && *held < wanted) {
    console_.note("--kv-budget " + *options_.kv_budget + " holds " + tokens_text(*held) +
                  ": the context of a conversation ends there");
  }
  return processor_;
}

std::int64_t ChatSession::context(Mode mode) const {
  const std::int64_t wanted = settings_.max_context.value_or(model_.config().max_positions);
  if (mode != Mode::snn) return std::min(wanted, model_.config().max_positions);
  return std::min(wanted, processor_->tokens_within_budget(wanted).value_or(wanted));
}

runtime::CachedSequence ChatSession::new_sequence(Mode mode, const std::string& name) {
  if (mode == Mode::snn) {
    auto sequence = std::make_unique<runtime::ProcessorSequence>(processor(), name);
    return {std::move(sequence), context(mode)};
  }
  return {(mode == Mode::ann ? model_.ann() : required_source()).start(), context(mode)};
}

std::unique_ptr<runtime::Conversation> ChatSession::new_conversation(Mode mode, const std::string& name,
                                                                     const std::optional<std::string>& system) {
  return std::make_unique<runtime::Conversation>(
      new_sequence(mode, name), model_.tokenizer(), form_,
      runtime::ConversationOptions{system, settings_.overflow, settings_.stop_texts});
}

void ChatSession::start(const std::optional<std::string>& system) {
  const std::optional<std::string>& first = system ? system : settings_.system;
  conversations_[name_] = new_conversation(mode_, name_, first);
  if (options_.compare) others_[name_] = new_conversation(Mode::ann, name_, first);
  if (!turns_.empty()) started_ = turns_.back().conversation + 1;
}

void ChatSession::reset() {
  start({});
  rerolls_[name_] = 0;
  keep();
}

void ChatSession::keep() const {
  if (options_.session) save(*options_.session);
}

const TurnReport& ChatSession::say(const std::string& user) {
  const TurnReport& report = say(user, settings_.sampling.seed);
  rerolls_[name_] = 0;
  keep();
  return report;
}

const TurnReport* ChatSession::regenerate() {
  const runtime::KnownText before = conversation().known();
  const runtime::KnownText others_before = other() ? other()->known() : runtime::KnownText();
  const std::optional<std::string> user = take_back();
  if (!user) return nullptr;
  const TurnReport* report = nullptr;
  try {
    report = &say(*user, settings_.sampling.seed + rerolls_[name_] + 1);
  } catch (...) {
    current().restore(before);
    if (other()) other()->restore(others_before);
    throw;
  }
  ++rerolls_[name_];
  keep();
  return report;
}

const TurnReport& ChatSession::say(const std::string& user, std::uint64_t seed) {
  TurnReport report;
  report.conversation = started_;
  report.user = user;
  report.seed = seed;
  const runtime::GenerationOptions options = generation(seed);
  answer(report, options);
  if (source_ && comparable(report.answer)) report.comparison = compare(report.answer, options);
  report.prompt_tokens = static_cast<std::int64_t>(report.answer.prompt_ids.size());
  report.answer.prompt_ids = {};  // or a long chat would keep every text that it ever read
  turns_.push_back(std::move(report));
  return turns_.back();
}

void ChatSession::answer(TurnReport& report, const runtime::GenerationOptions& options) {
  runtime::AnswerHooks hooks{[this](std::string_view piece) { console_.print(piece); },
                             [] { return cli::interrupt_requested(); }};
  if (other()) hooks.on_text = {};
  const runtime::KnownText before = conversation().known();
  report.answer = current().say(report.user, options, hooks);
  report.spikes = taken_spikes();
  if (!other()) return;
  try {
    report.without_spikes = other()->say(report.user, options, hooks);
  } catch (...) {  // a turn is had by both or by none
    current().restore(before);
    throw;
  }
  console_.print(side_by_side("with spikes", report.answer.text, "without spikes", report.without_spikes->text));
}

runtime::GenerationOptions ChatSession::generation(std::uint64_t seed) const {
  runtime::GenerationOptions options;
  options.sampling = settings_.sampling;
  options.sampling.seed = seed;
  options.max_new_tokens = settings_.max_new_tokens;
  options.stop_ids = stop_ids_;
  options.vocabulary = model_.tokenizer().vocab_size();
  return options;
}

std::optional<TurnSpikes> ChatSession::taken_spikes() {
  if (mode_ != Mode::snn) return std::nullopt;
  const snn::Ledger ledger = processor_->take_ledger();
  return TurnSpikes{ledger.total(), eval::model_energy(model_, energies_, ledger)};
}

std::optional<std::string> ChatSession::undo() {
  std::optional<std::string> said = take_back();
  if (said) keep();
  return said;
}

std::optional<std::string> ChatSession::take_back() {
  if (other()) other()->undo();
  return current().undo();
}

void ChatSession::set_system(const std::optional<std::string>& system) {
  settings_.system = system;
  current().set_system(system);
  if (other()) other()->set_system(system);
  keep();
}

void ChatSession::set_mode(Mode mode) {
  if (mode == mode_) return;
  if (options_.compare) throw Error("--compare shows the answers with and without spikes", "start again without it");
  require_possible(mode);
  Conversations others;
  for (const auto& [name, conversation] : conversations_) {
    others[name] = new_conversation(mode, name, conversation->system());
    others[name]->restore(conversation->known());
  }
  conversations_ = std::move(others);
  mode_ = mode;
}

std::vector<std::string> ChatSession::names() const {
  std::vector<std::string> names;
  for (const auto& [name, conversation] : conversations_) names.push_back(name);
  return names;
}

void ChatSession::switch_to(const std::string& name) {
  if (options_.session && name != name_) {
    throw Error("--session holds one conversation, and there would be two",
                "start again without --session; /save and /load keep each in a file of its own");
  }
  if (!conversations_.contains(name)) {
    conversations_[name] = new_conversation(mode_, name, settings_.system);
    if (options_.compare) others_[name] = new_conversation(Mode::ann, name, settings_.system);
  }
  if (!turns_.empty() && name != name_) started_ = turns_.back().conversation + 1;
  name_ = name;
}

runtime::SessionModel ChatSession::session_model() const {
  return {model_.name(), model_.fingerprint(), model::storage_name(model_.config().storage)};
}

void ChatSession::save(const std::filesystem::path& file) const {
  runtime::SavedSession session;
  session.model = session_model();
  session.mode = mode_name(mode_);
  session.settings = settings_;
  session.settings.system = conversation().system();
  session.known = conversation().known();
  session.ids = conversation().ids();
  session.approximate = conversation().approximate();
  const auto rerolls = rerolls_.find(name_);
  session.rerolls = rerolls == rerolls_.end() ? 0 : rerolls->second;
  runtime::save_session(file, session);
}

void ChatSession::load(const std::filesystem::path& file) {
  const runtime::SavedSession session = runtime::load_session(file);
  runtime::require_same_model(session, session_model(), file);
  const Mode mode = options_.mode || options_.compare ? mode_ : mode_of(session.mode);
  const runtime::ChatSettings old_settings =
      std::exchange(settings_, options_.settings(session.settings, console_.options().seed));
  std::unique_ptr<runtime::Conversation> loaded, other;
  try {
    require_possible(mode);
    loaded = new_conversation(mode, name_, settings_.system);
    loaded->restore(session.known);
    if (options_.compare) other = new_conversation(Mode::ann, name_, settings_.system);
    if (other) other->restore(session.known);
    const bool all_dropped = session.known.dropped_ids > 0 && session.ids.empty();
    if (loaded->ids() != session.ids || all_dropped) {
      throw Error(file.string() + ": its messages are other tokens now than when it was saved",
                  "give the tokenizer files and the --chat-template that it was had with");
    }
  } catch (...) {
    settings_ = old_settings;
    throw;
  }
  if (mode != mode_) set_mode(mode);
  if (options_.system) loaded->set_system(settings_.system);
  if (options_.system && other) other->set_system(settings_.system);
  conversations_[name_] = std::move(loaded);
  if (other) others_[name_] = std::move(other);
  rerolls_[name_] = session.rerolls;
  if (!turns_.empty()) started_ = turns_.back().conversation + 1;
  if (session.approximate) {
    console_.warn(
        "the saved conversation had been shifted: its text is read again, which is exact and may say otherwise");
  }
  if (options_.session && file != *options_.session) keep();
}

const model::LanguageModel& ChatSession::required_source() const {
  if (const auto* source = model_.source()) return *source;
  throw Error("the source checkpoint is not to be had: " + model_.source_missing_reason(),
              "say where it is with --dense FOLDER");
}

// Asked for by name, a missing source is an error; else the report says why there is no comparison.
void ChatSession::start_source(bool asked_for) {
  if (mode_ == Mode::source) {
    no_comparison_reason_ = "the answers are the source's own";
  } else if (samples()) {
    no_comparison_reason_ = "the answers are sampled, not greedy";
  } else if (asked_for) {
    source_.emplace(required_source());
  } else if (const auto* source = model_.source()) {
    source_.emplace(*source);
  } else {
    no_comparison_reason_ = model_.source_missing_reason();
  }
}

// The source reads what led to the answer, from its start: a text that changed under way is none.
bool ChatSession::comparable(const runtime::Answer& answer) const {
  const bool changed = std::any_of(answer.forgotten.begin(), answer.forgotten.end(),
                                   [](const runtime::Forgotten& one) { return one.answer_tokens > 0; });
  const auto tokens = static_cast<std::int64_t>(answer.prompt_ids.size() + answer.generated.ids.size());
  return !changed && !samples() && tokens <= source_->max_positions() &&
         answer.generated.reason != runtime::StopReason::cancelled;
}

Comparison ChatSession::compare(const runtime::Answer& answer, const runtime::GenerationOptions& generation) {
  Comparison result{runtime::first_difference(*source_, answer, generation), {}, {}};
  if (!result.difference) return result;
  result.source_token = model_.tokenizer().token(result.difference->source_id);
  result.answer_token = model_.tokenizer().token(result.difference->answer_id);
  return result;
}

std::string ChatSession::cache_format() const { return std::string(model::format_name(model_.config().storage.cache)); }

nlohmann::json ChatSession::report() const {
  const convert::ConversionOptions& conversion = model_.options();
  nlohmann::json turns = nlohmann::json::array();
  for (const TurnReport& turn : turns_) turns.push_back(to_json(turn));
  nlohmann::json result{{"model", model_.name()},      {"mode", mode_name(mode_)},
                        {"turns", std::move(turns)},   {"totals", to_json(Totals(turns_))},
                        {"sampling", settings_json()}, {"source_agreement", agreement_json()},
                        {"context", context(mode_)},   {"overflow", overflow_policy_name(settings_.overflow)}};
  if (mode_ == Mode::snn) {
    const bool fused = options_.model.engine_kind() == snn::EngineKind::fused;
    result.update({{"engine", fused ? "fused" : "temporal"},
                   {"storage", cli::storage_json(model_.config().storage)},
                   {"code", "phase"},
                   {"timesteps", conversion.code.timesteps},
                   {"base", conversion.code.base},
                   {"energy_model", energies_.title()}});
  }
  return result;
}

nlohmann::json ChatSession::settings_json() const {
  const runtime::SamplingOptions& s = settings_.sampling;
  return {{"temperature", s.temperature},
          {"top_k", s.top_k},
          {"top_p", s.top_p},
          {"min_p", s.min_p},
          {"repetition_penalty", s.repetition_penalty},
          {"seed", s.seed},
          {"stop", settings_.stop_texts},
          {"max_new_tokens", settings_.max_new_tokens}};
}

nlohmann::json ChatSession::agreement_json() const {
  if (!source_) return {{"identical", nullptr}, {"reason", no_comparison_reason_}};
  const Totals totals(turns_);
  if (totals.compared == 0) return {{"identical", nullptr}, {"reason", "no answer was compared"}};
  return {{"identical", totals.identical == totals.compared},
          {"answers_compared", totals.compared},
          {"answers_identical", totals.identical}};
}

}  // namespace stac::chat
