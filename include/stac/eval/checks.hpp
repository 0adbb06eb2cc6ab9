// What stac-test runs: each check measures something about an opened model and holds it against a bar
// (docs/testing.md).
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "stac/eval/check_result.hpp"
#include "stac/eval/check_run.hpp"

namespace stac::eval {

struct Check {
  std::string name;
  std::string about;  ///< one sentence for --list
  std::function<CheckResult(CheckRun&)> run;
  std::string runs_with = {};  ///< another check that brings this one with it; empty: none
};

/// Every check of a model, in the order in which they run. docs/testing.md says what each measures, its bar, and what
/// break it catches.
[[nodiscard]] const std::vector<Check>& all_checks();

/// Runs a check with its clock; an error that it throws is a failure that says so. What a progress callback throws to
/// stop the work goes through.
[[nodiscard]] CheckResult run_check(const std::string& name, const std::function<CheckResult()>& check);

/// Reads what multi-turn will hold, before the work.
/// @throws stac::Error       the file cannot be read
/// @throws stac::UsageError  no question within the plan's turns
void require_dialogues(const CheckPlan& plan);

/// Compares the dense source with a file that transformers made: model/parity.hpp.
/// @throws stac::Error  as compare_with_reference; no dense source
[[nodiscard]] CheckResult check_parity(const convert::OpenedModel& model, const std::filesystem::path& reference,
                                       double tolerance);

/// Compares a folder's tokenizer with a file that its reference library made: text/tokenizer_parity.hpp.
/// @throws stac::Error  as load_tokenizer and check_tokenizer_parity
[[nodiscard]] CheckResult check_tokenizer_parity(const std::filesystem::path& folder,
                                                 const std::filesystem::path& reference);

/// Compares our rendering of chat templates with a file that transformers made: text/chat_template_parity.hpp.
/// @throws stac::Error  as check_chat_template_parity
[[nodiscard]] CheckResult check_chat_template_parity(const std::filesystem::path& reference);

}  // namespace stac::eval
