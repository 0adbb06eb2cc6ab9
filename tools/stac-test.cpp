// stac-test: is this spiking model sound? A table of checks, and exit status 1 if one fails.
#include <algorithm>
#include <map>

#include "stac/cli/bench_report.hpp"
#include "stac/cli/check_report.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/cli/model_download.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/table.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/cli/tool.hpp"
#include "stac/error.hpp"
#include "stac/eval/checks.hpp"

namespace {

using namespace stac;

struct Options {
  cli::ModelFlags model;
  bool all = false, list = false;
  std::map<std::string, bool> chosen;  ///< by the check's name
  std::optional<std::filesystem::path> parity, tokenizer_parity, template_parity, chat_template;
  double tolerance = 1e-3;
  eval::CheckPlan plan;

  void declare(cli::FlagSet& flags) {
    model.declare(flags);
    flags.section("Checks (default: all)");
    flags.toggle("--all", all, "every check below");
    flags.alias("--test-all", "--all");
    for (const eval::Check& check : eval::all_checks())
      flags.toggle("--" + check.name, chosen[check.name], check.about);
    flags.alias("--test-multi-turn", "--recall");
    flags.toggle("--list", list, "name the checks and end");
    flags.section("Checks against files");
    flags.path("--parity", parity, "FILE", "logits and greedy ids of transformers (scripts/make_reference.py)");
    flags.number("--tolerance", tolerance, {0.0, 1e6}, "largest logit error that passes --parity (default 0.001)");
    flags.path("--tokenizer-parity", tokenizer_parity, "FILE",
               "lines {text, ids, decoded}; needs tokenizer files only");
    flags.path("--chat-template-parity", template_parity, "FILE",
               "lines {template, messages, ..., expected, error} of transformers; needs no model");
    flags.section("Bars");
    flags.number("--max-perplexity-ratio", plan.max_ratio, {0.0, 1e9}, "perplexity, spiking / dense (default 1.01)");
    flags.number("--min-agreement", plan.min_agreement, {0.0, 1.0}, "top-1 with the dense model (default 0.95)");
    flags.number("--max-kl", plan.max_kl, {0.0, 1e9}, "KL(dense || spiking), nats (default 0.05)");
    flags.number("--recall-margin", plan.recall_margin, {0.0, 1.0}, "recall below the dense model's (default 0.1)");
    flags.number("--min-recall", plan.min_recall, {0.0, 1.0}, "share of right answers (default 0)");
    flags.number("--min-identical", plan.min_identical, {0.0, 1.0}, "share of answers word for word (default 0)");
    flags.section("Text");
    flags.path("--text", plan.text, "FILE", "for fidelity (default: the bundled stories)");
    flags.integer("--windows", plan.windows, {1, 1 << 30}, "windows of the evaluation text (default 4)");
    flags.alias("--num-samples", "--windows");  // here of the text that is measured on
    flags.integer("-c,--context", plan.context, {2, 1 << 30}, "tokens of a window (default 128)");
    flags.alias("--max-context-length", "--context");
    flags.path("--chat-template", chat_template, "FILE", "for recall, a Jinja template instead of the model's own");
    flags.integer("--dialogues", plan.dialogues, {1, 1 << 20}, "held for recall (default 6)");
  }

  [[nodiscard]] bool runs(const eval::Check& check) const {
    if (all || chosen.at(check.name)) return true;
    for (const auto& [name, wanted] : chosen) {
      if (wanted) return false;
    }
    return !parity && !tokenizer_parity && !template_parity;
  }
};

std::string list_of_checks() {
  cli::Table table({{"check"}, {"what it looks at"}});
  for (const eval::Check& check : eval::all_checks()) table.add({check.name, check.about});
  table.add({"parity", "the dense model against logits and greedy ids of transformers (--parity FILE)"});
  table.add({"tokenizer-parity", "the tokenizer against its reference (--tokenizer-parity FILE)"});
  table.add({"chat-template-parity", "chat templates as transformers renders them (--chat-template-parity FILE)"});
  return table.str();
}

std::vector<eval::CheckResult> run_model_checks(const Options& options, const convert::OpenedModel& model,
                                                cli::Console& console) {
  eval::CheckPlan plan = options.plan;
  plan.seed = static_cast<std::uint64_t>(console.options().seed);
  plan.engine = options.model.engine_kind();
  std::vector<const eval::Check*> checks;
  for (const eval::Check& check : eval::all_checks()) {
    if (options.runs(check)) checks.push_back(&check);
  }
  std::vector<eval::CheckResult> results;
  cli::ProgressBar bar = console.progress("checking");
  plan.progress = [](std::int64_t, std::int64_t) { cli::throw_if_interrupted(); };
  eval::CheckRun run(model, plan);
  for (const eval::Check* check : checks) {
    bar.update(check->name, static_cast<std::int64_t>(results.size()), static_cast<std::int64_t>(checks.size()));
    results.push_back(eval::run_check(check->name, [&] { return check->run(run); }));
  }
  if (options.parity) {
    results.push_back(
        eval::run_check("parity", [&] { return eval::check_parity(model, *options.parity, options.tolerance); }));
  }
  return results;
}

cli::ExitStatus test(const Options& options, cli::Console& console) {
  if (options.list) {
    console.print(list_of_checks());
    nlohmann::json names = nlohmann::json::array();
    for (const eval::Check& check : eval::all_checks()) names.push_back(check.name);
    console.report({{"checks", names}});
    return cli::ExitStatus::done;
  }
  std::vector<eval::CheckResult> results;
  nlohmann::json report;
  if (options.tokenizer_parity) {
    if (!options.model.conversion.model) throw UsageError("--tokenizer-parity needs a folder", "give --model FOLDER");
    const auto folder = cli::fetch_model(*options.model.conversion.model, options.model.conversion.revision, console);
    results.push_back(eval::run_check("tokenizer-parity",
                                      [&] { return eval::check_tokenizer_parity(folder, *options.tokenizer_parity); }));
  }
  if (options.template_parity) {
    results.push_back(eval::run_check("chat-template-parity",
                                      [&] { return eval::check_chat_template_parity(*options.template_parity); }));
  }
  const auto& checks = eval::all_checks();
  const bool needs_model = options.parity || std::any_of(checks.begin(), checks.end(),
                                                         [&](const auto& check) { return options.runs(check); });
  if (needs_model) {
    const auto chat_template = text::load_chat_template(options.chat_template);
    convert::OpenedModel model = cli::open_model(options.model, console);
    if (chat_template) model.use_chat_template(*chat_template);
    report = cli::model_json(model);
    const auto more = run_model_checks(options, model, console);
    results.insert(results.end(), more.begin(), more.end());
  }
  console.print(cli::checks_text(results, cli::stdout_has_colour()));
  report.update(cli::checks_json(results));
  console.report(report);
  return cli::any_failed(results) ? cli::ExitStatus::failed : cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<Options>(argc, argv,
                                 {"stac-test",
                                  "Checks that a spiking model is sound and still the model that it was made from.",
                                  {"stac-test --all", "stac-test --model stac-tiny -T 5 --base 3 --fidelity",
                                   "stac-test --model ./gpt2 --parity reference.safetensors"}},
                                 test);
}
