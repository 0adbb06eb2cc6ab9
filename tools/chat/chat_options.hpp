// The flags of stac-chat.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stac/cli/flag_set.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/error.hpp"
#include "stac/runtime/sampling.hpp"

namespace stac::chat {

enum class Mode {
  snn,    ///< the spiking network
  ann,    ///< the same weights without spikes
  source  ///< the source checkpoint, untouched
};

struct ChatOptions {
  cli::ModelFlags model;
  std::string mode_name = "snn";
  std::vector<std::string> prompts;
  std::optional<std::int64_t> turns;
  std::optional<std::filesystem::path> script;
  std::optional<std::string> system;
  std::optional<std::filesystem::path> chat_template;
  bool compare_source = false;
  std::int64_t max_new_tokens = 256;
  runtime::SamplingOptions sampling;

  void declare(cli::FlagSet& flags) {
    model.declare(flags);
    flags.choice("--mode", mode_name, {"snn", "ann", "source"},
                 "spikes, the same weights without spikes, or the source checkpoint (default snn)");
    flags.section("Conversation");
    flags.texts("-p,--prompt", prompts, "TEXT", "what the user says; repeat it for further turns");
    flags.integer("--turns", turns, {1, 1'000'000},
                  "say the first N user turns of --script, else of configs/dialogues");
    flags.path("--script", script, "FILE", "user turns: .jsonl with dialogues, or plain text with a turn a line");
    flags.text("--system", system, "TEXT", "a system message before the first turn");
    flags.path("--chat-template", chat_template, "FILE", "a Jinja template instead of the model's own");
    flags.toggle("--compare-source", compare_source,
                 "say after each answer whether the source's greedy answer is the same (scripted: always said)");
    flags.section("Answers");
    flags.integer("-n,--max-new-tokens", max_new_tokens, {1, 1'000'000}, "tokens of an answer at most (default 256)");
    flags.number("--temperature", sampling.temperature, {0, 100}, "0: always the likeliest token (default 0)");
    flags.integer("--top-k", sampling.top_k, {0, 1'000'000'000},
                  "draw from the K likeliest tokens; 0: all (default 0)");
    flags.number("--top-p", sampling.top_p, {1e-9, 1},
                 "draw from the likeliest tokens that have this probability together (default 1)");
    flags.number("--repetition-penalty", sampling.repetition_penalty, {1e-3, 1e3},
                 "above 1: words of the conversation become less likely (default 1)");
  }

  [[nodiscard]] Mode mode() const {
    if (mode_name == "snn") return Mode::snn;
    return mode_name == "ann" ? Mode::ann : Mode::source;
  }

  /// Whether the user's side is written down beforehand.
  [[nodiscard]] bool scripted() const { return !prompts.empty() || turns || script; }

  void require_consistent() const {
    if (!prompts.empty() && (turns || script)) {
      throw UsageError("--prompt cannot be combined with --turns or --script", "put every turn into one of them");
    }
    if (compare_source && sampling.temperature > 0) {
      throw UsageError("--compare-source compares greedy answers, but --temperature is above 0",
                       "leave out one of them");
    }
  }
};

}  // namespace stac::chat
