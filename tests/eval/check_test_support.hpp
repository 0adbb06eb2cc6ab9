// Models that are checked in tests, and the checks by their names.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "stac/eval/checks.hpp"
#include "support/goldens.hpp"
#include "support/test_paths.hpp"

namespace stac::testing {

/// Its weights and activation as they are.
inline convert::OpenedModel stac_tiny(const snn::Code& code) {
  convert::ModelRequest request;
  request.model = (source_root() / "models/stac-tiny").string();
  request.options.code = code;
  return convert::open_model(request);
}

/// One of scripts/make_model_goldens.py. @param name  see golden_names()
inline convert::OpenedModel random_checkpoint(const std::string& name, const convert::ConversionOptions& options = {}) {
  convert::ModelRequest request;
  request.model = test_data("model/" + name).string();
  request.options = options;
  return convert::open_model(request);
}

inline eval::CheckResult run_named(const std::string& name, eval::CheckRun& run) {
  for (const eval::Check& check : eval::all_checks()) {
    if (check.name == name) return eval::run_check(name, [&] { return check.run(run); });
  }
  throw std::logic_error("no check " + name);
}

inline std::vector<eval::CheckResult> run_all(eval::CheckRun& run) {
  std::vector<eval::CheckResult> results;
  for (const eval::Check& check : eval::all_checks()) results.push_back(run_named(check.name, run));
  return results;
}

inline std::string lines(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += "\n  " + text;
  return all;
}

}  // namespace stac::testing
