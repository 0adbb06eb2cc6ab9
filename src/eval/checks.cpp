#include "stac/eval/checks.hpp"

#include <chrono>

#include "check_list.hpp"
#include "stac/error.hpp"

namespace stac::eval {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

CheckResult judged(bool passed, std::string measured, std::string bar) {
  return {{}, passed ? Verdict::passed : Verdict::failed, std::move(measured), std::move(bar), 0.0, {}};
}

CheckResult skipped(std::string why) { return {{}, Verdict::skipped, std::move(why), {}, 0.0, {}}; }

const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks{
      {"engine-equality", "temporal and fused engines agree bit for bit", check_engine_equality},
      {"coverage", "every product is driven by spikes", check_coverage},
      {"spikes", "no site of any layer is silent", check_spikes},
      {"kv-cache", "reading token by token equals reading at once, bit for bit", check_kv_cache},
      {"determinism", "one thread and two threads agree bit for bit", check_determinism},
      {"dead-network", "predictions vary as the dense model's do", check_dead_network},
      {"fidelity", "perplexity, KL and top-1 agreement with the dense source", check_fidelity},
      {"recall", "facts of a dialogue are remembered as the dense source remembers them", check_recall},
  };
  return checks;
}

CheckResult run_check(const std::string& name, const std::function<CheckResult()>& check) {
  const auto start = std::chrono::steady_clock::now();
  CheckResult result;
  try {
    result = check();
  } catch (const Error& error) {
    result = judged(false, error.what(), "runs without an error");
    if (!error.hint().empty()) result.details.push_back(error.hint());
  }
  result.name = name;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace stac::eval
