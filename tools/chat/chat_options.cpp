#include "chat/chat_options.hpp"

#include <charconv>
#include <limits>

#include "stac/cli/byte_size.hpp"
#include "stac/error.hpp"

namespace stac::chat {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 40;

/// llama.cpp's ID+BIAS or ID-BIAS: "15043+1", "15043-0.5", "15043-inf".
runtime::LogitBias parse_bias(const std::string& text) {
  const auto refuse = [&]() -> runtime::LogitBias {
    throw UsageError("--logit-bias cannot be '" + text + "'",
                     "give a token's id and what is added to its logit: 15043+1, 15043-0.5, or 15043-inf for never");
  };
  runtime::LogitBias result;
  const char* const end = text.data() + text.size();
  const auto [sign, no_id] = std::from_chars(text.data(), end, result.id);
  if (no_id != std::errc() || result.id < 0 || sign == end || (*sign != '+' && *sign != '-')) return refuse();
  const char* const number = sign + 1;
  if (number == end || *number == '-' || *number == '+') return refuse();
  const auto [parsed, no_bias] = std::from_chars(number, end, result.bias);
  if (no_bias != std::errc() || parsed != end) return refuse();
  if (*sign == '-') result.bias = -result.bias;
  return result;
}

/// \n, \t and \\ as the characters that they stand for, as a shell's $'...' has them; any other is left as it is.
std::string unescaped(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next != 'n' && next != 't' && next != '\\') {
      result += text[i];
      continue;
    }
    result += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
    ++i;
  }
  return result;
}

template <typename Value, typename Given>
void take(Value& target, const std::optional<Given>& given) {
  if (given) target = *given;
}

}  // namespace

std::string mode_name(Mode mode) {
  if (mode == Mode::snn) return "snn";
  return mode == Mode::ann ? "ann" : "source";
}

Mode mode_of(const std::string& name) {
  for (const Mode mode : {Mode::snn, Mode::ann, Mode::source}) {
    if (mode_name(mode) == name) return mode;
  }
  throw Error("there is no mode '" + name + "'", "the modes are snn, ann and source");
}

void require_runs_on(const std::string& device, Mode mode) {
  if (device != "cuda" || mode == Mode::snn) return;
  throw UsageError("--device cuda: the model runs there with spikes alone, and the mode is " + mode_name(mode),
                   "start without --device cuda, or take --mode snn");
}

void require_context(std::optional<std::int64_t> context, snn::PositionOverflow overflow,
                     const model::TransformerConfig& config) {
  if (context.value_or(0) <= config.max_positions || overflow != snn::PositionOverflow::refuse) return;
  throw UsageError("--max-context-length " + std::to_string(*context) + ": the model has " +
                       std::to_string(config.max_positions) + " positions",
                   "give at most that, or force it with --position-overflow clamp");
}

void ChatOptions::declare(cli::FlagSet& flags) {
  model.declare(flags);
  flags.choice("--mode", mode, {"snn", "ann", "source"},
               "spikes, the same weights without spikes, or the source checkpoint (default snn)");
  flags.toggle("--compare", compare, "the answers with and without spikes side by side");
  flags.section("Conversation");
  flags.texts("-p,--prompt", prompts, "TEXT", "what the user says; repeat it for further turns");
  flags.integer("--turns", turns, {1, 1'000'000}, "say the first N user turns of --script, else of configs/dialogues");
  flags.path("--script", script, "FILE", "user turns: .jsonl with dialogues, or plain text with a turn a line");
  flags.text("--system", system, "TEXT", "a system message before the first turn");
  flags.path("--session", session, "FILE",
             "go on with this conversation if it is there, and keep every change of it there");
  flags.path("--chat-template", chat_template, "FILE", "a Jinja template instead of the model's own");
  flags.toggle("--compare-source", compare_source,
               "say after each answer whether the source's greedy answer is the same (scripted: always said)");
  flags.section("Context");
  flags.integer("-c,--max-context-length", max_context, {1, kMost},
                "tokens that a conversation may have (default: the model's positions)");
  flags.alias("--ctx-size", "--max-context-length");
  flags.choice("--overflow", overflow, {"turns", "window", "shift", "error"},
               "beyond that forget the oldest turns or tokens, or shift keys (approximate), or stop (default turns)");
  flags.alias("--context-overflow", "--overflow");
  flags.choice("--position-overflow", position_overflow, {"refuse", "clamp"},
               "clamp: a --max-context-length beyond the model's positions is allowed (default refuse)");
  flags.text("--kv-budget", kv_budget, "SIZE",
             "memory of all spiking conversations' keys and values, 64M for instance; the least recently used goes");
  flags.section("Answers");
  flags.integer("-n,--max-new-tokens", max_new_tokens, {1, 1'000'000}, "tokens of an answer at most (default 256)");
  flags.number("--temperature", temperature, {0, 100}, "0: always the likeliest token (default 0)");
  flags.integer("--top-k", top_k, {0, 1'000'000'000}, "draw from the K likeliest tokens; 0: all (default 0)");
  flags.number("--top-p", top_p, {1e-9, 1},
               "draw from the likeliest tokens that have this probability together (default 1)");
  flags.number("--min-p", min_p, {0, 1},
               "draw from the tokens that have this share of the likeliest one's probability (default 0)");
  flags.number("--repetition-penalty", repetition_penalty, {1e-3, 1e3},
               "above 1: words of the conversation become less likely (default 1)");
  flags.alias("--repeat-penalty", "--repetition-penalty");
  flags.texts("--logit-bias", logit_biases, "ID+BIAS",
              "added to a token's logit: 15043+1, 15043-0.5, 15043-inf: never");
  flags.texts("--stop", stops, "TEXT",
              "ends an answer before this text (\\n, \\t and \\\\ are understood); repeatable");
  flags.alias("--reverse-prompt", "--stop");
}

runtime::ChatSettings ChatOptions::settings(runtime::ChatSettings base, std::int64_t seed) const {
  runtime::SamplingOptions& sampling = base.sampling;
  take(sampling.temperature, temperature);
  take(sampling.top_k, top_k);
  take(sampling.top_p, top_p);
  take(sampling.min_p, min_p);
  take(sampling.repetition_penalty, repetition_penalty);
  if (seed != 0) sampling.seed = static_cast<std::uint64_t>(seed);
  if (!logit_biases.empty()) sampling.logit_bias.clear();
  for (const std::string& bias : logit_biases) sampling.logit_bias.push_back(parse_bias(bias));
  runtime::require_valid(sampling);
  take(base.max_new_tokens, max_new_tokens);
  if (system) base.system = system;
  if (max_context) base.max_context = max_context;
  if (overflow) base.overflow = runtime::find_overflow_policy(*overflow).value();
  if (!stops.empty()) base.stop_texts.clear();
  for (const std::string& stop : stops) base.stop_texts.push_back(unescaped(stop));
  return base;
}

std::optional<std::uint64_t> ChatOptions::kv_budget_bytes() const {
  if (!kv_budget) return std::nullopt;
  return cli::parse_byte_size("--kv-budget", *kv_budget);
}

snn::PositionOverflow ChatOptions::position_overflow_choice() const {
  return position_overflow == "clamp" ? snn::PositionOverflow::clamp : snn::PositionOverflow::refuse;
}

void ChatOptions::require_consistent(const std::string& device) const {
  if (!prompts.empty() && (turns || script)) {
    throw UsageError("--prompt cannot be combined with --turns or --script", "put every turn into one of them");
  }
  if (compare_source && temperature.value_or(0) > 0) {
    throw UsageError("--compare-source compares greedy answers, but --temperature is above 0", "leave out one of them");
  }
  if (compare && mode)
    throw UsageError("--compare shows both modes at once, so --mode has no say", "leave out one of them");
  if (compare && session) {
    throw UsageError("--compare has two conversations, and --session holds one", "leave out one of them");
  }
  const bool spiking = mode.value_or("snn") == "snn";
  require_runs_on(device, mode_of(mode.value_or("snn")));
  if (kv_budget && !spiking) {
    throw UsageError("--kv-budget is for the spiking network, and --mode is " + *mode, "leave out one of them");
  }
  if (overflow == "shift" && (!spiking || compare)) {
    throw UsageError("--overflow shift is for the spiking network alone", "choose turns or window, or --mode snn");
  }
  if (position_overflow == "clamp" && (!spiking || compare || !max_context)) {
    throw UsageError("--position-overflow clamp is for the spiking network and a --max-context-length",
                     "say how long the context may become, and leave --mode and --compare out");
  }
  if (overflow == "shift" && position_overflow == "clamp") {
    throw UsageError("--overflow shift and --position-overflow clamp are two answers to one question",
                     "leave out one of them");
  }
  for (const std::string& stop : stops) {
    if (stop.empty()) throw UsageError("--stop is empty", "give the text that is to end an answer");
  }
  static_cast<void>(kv_budget_bytes());
  static_cast<void>(settings({}, 0));
}

}  // namespace stac::chat
