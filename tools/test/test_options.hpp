// The flags of stac-test.
#pragma once
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "stac/cli/flag_set.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/error.hpp"
#include "stac/eval/checks.hpp"

namespace stac::test {

struct TestOptions {
  cli::ModelFlags model;
  bool all = false, list = false;
  std::map<std::string, bool> chosen;  ///< by the check's name
  std::optional<std::filesystem::path> parity, tokenizer_parity, template_parity, chat_template, junit;
  std::optional<double> max_perplexity_ratio;
  std::optional<std::string> dialogues, expect_energy;
  double tolerance = 1e-3;
  eval::CheckPlan plan;

  void declare(cli::FlagSet& flags) {
    model.declare(flags);
    declare_checks(flags);
    flags.section("Checks against files");
    flags.path("--parity", parity, "FILE", "logits and greedy ids of transformers (scripts/make_reference.py)");
    flags.number("--tolerance", tolerance, {0.0, 1e6}, "largest logit error that passes --parity (default 0.001)");
    flags.path("--tokenizer-parity", tokenizer_parity, "FILE",
               "lines {text, ids, decoded}; needs tokenizer files only");
    flags.path("--torchscript-file", plan.module_file, "FILE",
               "for torchscript: the module that stac-convert wrote (default: the artifact's own, else one in memory)");
    flags.path("--chat-template-parity", template_parity, "FILE",
               "lines {template, messages, ..., expected, error} of transformers; needs no model");
    flags.section("Bars");
    flags.number("--max-perplexity-ratio", max_perplexity_ratio, {0.0, 1e9},
                 "perplexity, spiking / dense (default 1.01); also --max-ratio, where no codes are to be chosen");
    flags.number("--min-agreement", plan.min_agreement, {0.0, 1.0}, "top-1 with the dense model (default 0.95)");
    flags.number("--max-kl", plan.max_kl, {0.0, 1e9}, "KL(dense || spiking), nats (default 0.05)");
    flags.number("--recall-margin", plan.recall_margin, {0.0, 1.0}, "recall below the dense model's (default 0.1)");
    flags.number("--require-recall", plan.require_recall, {0.0, 1.0},
                 "share of right answers, whatever the dense model's");
    flags.alias("--min-recall", "--require-recall");
    flags.number("--min-identical", plan.min_identical, {0.0, 1.0}, "share of answers word for word (default 0)");
    flags.text("--expect-energy", expect_energy, "LO:HI", "energy, spiking / dense, 45 nm (default: not judged)");
    declare_texts(flags);
    flags.section("Report");
    flags.path("--junit", junit, "FILE", "the results as JUnit XML, too");
  }

  [[nodiscard]] bool runs(const eval::Check& check) const {
    if (all || chosen.at(check.name)) return true;
    if (!check.runs_with.empty() && chosen.at(check.runs_with)) return true;
    const bool some = std::any_of(chosen.begin(), chosen.end(), [](const auto& each) { return each.second; });
    return !some && !parity && !tokenizer_parity && !template_parity;
  }

  [[nodiscard]] bool holds_dialogues() const {
    const auto& checks = eval::all_checks();
    return runs(*std::ranges::find(checks, std::string("multi-turn"), &eval::Check::name));
  }

  /// Whether every check of a model runs, so that the checklist can be told.
  [[nodiscard]] bool runs_all() const {
    const auto& checks = eval::all_checks();
    return std::all_of(checks.begin(), checks.end(), [&](const eval::Check& check) { return runs(check); });
  }

  /// With what the flags leave to be worked out. @throws stac::UsageError  naming the flag
  [[nodiscard]] eval::CheckPlan check_plan(std::int64_t seed) const {
    eval::CheckPlan result = plan;
    result.seed = static_cast<std::uint64_t>(seed);
    result.engine = model.engine_kind();
    if (model.conversion.max_ratio && max_perplexity_ratio) {
      throw UsageError("--max-ratio and --max-perplexity-ratio are both given", "give one of them");
    }
    result.max_ratio = max_perplexity_ratio.value_or(model.conversion.max_ratio.value_or(plan.max_ratio));
    if (expect_energy) result.expect_energy = parse_range(*expect_energy);
    if (dialogues) set_dialogues(result);
    return result;
  }

  /// Without --max-ratio where it is a bar alone, and no goal of the conversion.
  [[nodiscard]] cli::ModelFlags model_flags() const {
    cli::ModelFlags flags = model;
    const bool chooses_codes = flags.conversion.minimise || flags.conversion.timesteps == "auto";
    if (!chooses_codes) flags.conversion.max_ratio.reset();
    return flags;
  }

 private:
  void declare_checks(cli::FlagSet& flags) {
    flags.section("Checks (default: all)");
    flags.toggle("--all", all, "every check below, and a checklist");
    flags.alias("--test-all", "--all");
    for (const eval::Check& check : eval::all_checks()) {
      flags.toggle("--" + check.name, chosen[check.name], check.about);
      flags.alias("--test-" + check.name, "--" + check.name);
    }
    flags.toggle("--list", list, "name the checks and end");
    flags.section("Checks by their former names");
    flags.toggle("--fidelity", chosen["dead-network"], "dead-network");
    flags.toggle("--coverage", chosen["spikes"], "spikes");
    flags.toggle("--recall", chosen["multi-turn"], "multi-turn");
  }

  void declare_texts(cli::FlagSet& flags) {
    flags.section("Text");
    flags.path("--text", plan.text, "FILE", "for dead-network and energy-range (default: the bundled stories)");
    flags.integer("--windows", plan.windows, {1, 1 << 30}, "windows of it (default 4)");
    flags.alias("--num-samples", "--windows");  // here of the text that is measured on
    flags.integer("-c,--context", plan.context, {2, 1 << 30}, "tokens of a window (default 128)");
    flags.alias("--max-context-length", "--context");
    flags.integer("--positions", plan.positions, {2, 1 << 30}, "that position-boundaries fills at most (default 1024)");
    flags.text("--dialogues", dialogues, "FILE|N",
               "for multi-turn: a file as in configs/dialogues, or so many of the bundled ones (default 6)");
    flags.integer("--turns", plan.turns, {1, 1 << 20}, "user turns of them, over all dialogues (default: whole ones)");
    flags.path("--chat-template", chat_template, "FILE",
               "for the conversations, a Jinja template instead of the model's own");
  }

  [[nodiscard]] static bool is_count(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  }

  void set_dialogues(eval::CheckPlan& result) const {
    if (!is_count(*dialogues)) {
      if (dialogues->empty()) throw UsageError("--dialogues is empty", "give a file, or a number of bundled dialogues");
      result.dialogue_file = *dialogues;
      return;
    }
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(dialogues->data(), dialogues->data() + dialogues->size(), count);
    if (failed != std::errc() || count < 1) {
      throw UsageError("--dialogues: '" + *dialogues + "' is no number of dialogues", "give 1 or more, or a file");
    }
    if (result.turns) throw UsageError("--dialogues N and --turns both limit the dialogues", "give one of them");
    result.dialogues = count;
  }

  [[nodiscard]] static eval::EnergyRange parse_range(const std::string& text) {
    const auto number = [](std::string_view part, double& value) {
      const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), value);
      return failed == std::errc() && end == part.data() + part.size() && value >= 0.0;
    };
    eval::EnergyRange range;
    const std::size_t colon = text.find(':');
    const bool sound = colon != std::string::npos && number(std::string_view(text).substr(0, colon), range.low) &&
                       number(std::string_view(text).substr(colon + 1), range.high) && range.low <= range.high;
    if (sound) return range;
    throw UsageError("--expect-energy: '" + text + "' is no range", "give two ratios, the lower first: 0.1:0.5");
  }
};

}  // namespace stac::test
