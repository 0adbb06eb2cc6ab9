// stac-test: is this spiking model sound? A table of checks, and exit status 1 if one fails.
#include <algorithm>

#include "stac/cli/bench_report.hpp"
#include "stac/cli/check_report.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/cli/junit_report.hpp"
#include "stac/cli/model_download.hpp"
#include "stac/cli/table.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/cli/tool.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/mapped_file.hpp"
#include "test/test_options.hpp"

namespace {

using namespace stac;
using test::TestOptions;

std::string list_of_checks() {
  cli::Table table({{"check"}, {"what it looks at"}});
  for (const eval::Check& check : eval::all_checks()) table.add({check.name, check.about});
  table.add({"parity", "the dense model against logits and greedy ids of transformers (--parity FILE)"});
  table.add({"tokenizer-parity", "the tokenizer against its reference (--tokenizer-parity FILE)"});
  table.add({"chat-template-parity", "chat templates as transformers renders them (--chat-template-parity FILE)"});
  return table.str();
}

cli::ExitStatus list(cli::Console& console) {
  console.print(list_of_checks());
  nlohmann::json names = nlohmann::json::array();
  for (const eval::Check& check : eval::all_checks()) names.push_back(check.name);
  console.report({{"checks", names}});
  return cli::ExitStatus::done;
}

/// Checks that need files and no network.
std::vector<eval::CheckResult> run_file_checks(const TestOptions& options, cli::Console& console) {
  std::vector<eval::CheckResult> results;
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
  return results;
}

std::vector<eval::CheckResult> run_model_checks(const TestOptions& options, eval::CheckPlan plan,
                                                const convert::OpenedModel& model, cli::Console& console) {
  std::vector<const eval::Check*> checks;
  for (const eval::Check& check : eval::all_checks()) {
    if (options.runs(check)) checks.push_back(&check);
  }
  std::vector<eval::CheckResult> results;
  cli::ProgressBar bar = console.progress("checking");
  plan.progress = [](std::int64_t, std::int64_t) { cli::throw_if_interrupted(); };
  eval::CheckRun run(model, plan);
  for (const eval::Check* check : checks) {
    cli::throw_if_interrupted();
    bar.update(check->name, static_cast<std::int64_t>(results.size()), static_cast<std::int64_t>(checks.size()));
    results.push_back(eval::run_check(check->name, [&] { return check->run(run); }));
  }
  if (options.parity) {
    results.push_back(
        eval::run_check("parity", [&] { return eval::check_parity(model, *options.parity, options.tolerance); }));
  }
  return results;
}

bool needs_model(const TestOptions& options) {
  const auto& checks = eval::all_checks();
  return options.parity ||
         std::any_of(checks.begin(), checks.end(), [&](const auto& check) { return options.runs(check); });
}

/// @throws stac::Error  a file to read cannot be opened: told before the work
void require_files(const TestOptions& options) {
  for (const auto& file : {options.plan.text, options.plan.module_file, options.parity}) {
    if (file) static_cast<void>(io::MappedFile::open(*file));
  }
}

cli::ExitStatus test_model(const TestOptions& options, cli::Console& console) {
  if (options.list) return list(console);
  const eval::CheckPlan plan = options.check_plan(console.options().seed);
  if (options.junit) io::require_writable_file(*options.junit);
  require_files(options);
  if (options.holds_dialogues()) eval::require_dialogues(plan);
  std::vector<eval::CheckResult> results = run_file_checks(options, console);
  nlohmann::json report;
  std::map<std::string, std::string> properties{{"seed", std::to_string(console.options().seed)}};
  if (needs_model(options)) {
    options.model.conversion.require_priced();
    const auto chat_template = text::load_chat_template(options.chat_template);
    convert::OpenedModel model = cli::open_model(options.model_flags(), console);
    if (chat_template) model.use_chat_template(*chat_template);
    report = cli::model_json(model);
    properties["model"] = model.description();
    const auto more = run_model_checks(options, plan, model, console);
    results.insert(results.end(), more.begin(), more.end());
  }
  const bool colour = cli::stdout_has_colour();
  std::string text = cli::checks_text(results, colour);
  report.update(cli::checks_json(results));
  if (options.runs_all()) {
    const auto lines = eval::checklist(results);
    text += "\n" + cli::checklist_text(lines, colour);
    report["checklist"] = cli::checklist_json(lines);
  }
  console.print(text);
  if (options.junit) io::write_file_atomically(*options.junit, cli::junit_xml("stac-test", results, properties));
  console.report(report);
  return cli::any_failed(results) ? cli::ExitStatus::failed : cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<TestOptions>(argc, argv,
                                     {"stac-test",
                                      "Checks that a spiking model is sound and still the model that it was made from.",
                                      {"stac-test --all", "stac-test --all --expect-energy 0.05:0.5 --junit report.xml",
                                       "stac-test --model stac-tiny -T 5 --base 3 --dead-network",
                                       "stac-test --model ./gpt2 --parity reference.safetensors"}},
                                     test_model);
}
