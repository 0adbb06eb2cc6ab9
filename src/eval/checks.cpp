#include "stac/eval/checks.hpp"

#include <c10/util/Exception.h>

#include <chrono>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

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
      {"position-boundaries", "positions from the first to the last, over turns, and none beyond",
       check_position_boundaries},
      {"attention-mask", "grows by the new tokens, sees all of the past, none of the future, no padding",
       check_attention_mask},
      {"kv-cache", "any split of a text, any company, and a new start give the same bits", check_kv_cache},
      {"engine-equality", "temporal and fused engines agree bit for bit", check_engine_equality},
      {"determinism", "threads, repetition and seed: the same bits and the same answer", check_determinism},
      {"spikes", "no site silent or saturated, rates in range, every product driven by spikes", check_spikes},
      {"energy", "the counts behind the energy figure equal a count neuron by neuron", check_energy},
      {"energy-range", "energy, spiking / dense, within --expect-energy", check_energy_range, "energy"},
      {"dense-parity", "under a fine code the network computes what its weights compute without spikes",
       check_dense_parity},
      {"dead-network", "perplexity, KL, top-1 and distinct predictions beside the dense model's", check_dead_network},
      {"multi-turn", "facts of a dialogue are remembered as the dense model remembers them", check_multi_turn},
      {"coherence", "three short conversations: a name and a place, two counts, a capital", check_coherence},
      {"mixed-precision", "storage in fewer bits costs what it may", check_mixed_precision},
      {"torchscript", "the exported module agrees with the engine", check_torchscript},
  };
  return checks;
}

CheckResult run_check(const std::string& name, const std::function<CheckResult()>& check) {
  const auto start = std::chrono::steady_clock::now();
  CheckResult result;
  const auto broken = [](const std::string& what) { return judged(false, what, "runs without an error"); };
  try {
    result = check();
  } catch (const Error& error) {
    result = broken(error.what());
    if (!error.hint().empty()) result.details.push_back(error.hint());
  } catch (const std::logic_error& error) {
    result = broken(std::string("internal: ") + error.what());
  } catch (const c10::Error& error) {
    result = broken(std::string("internal: ") + error.what_without_backtrace());
  } catch (const std::system_error& error) {
    result = broken(error.what());
  } catch (const nlohmann::json::exception& error) {
    result = broken(error.what());
  } catch (const std::bad_alloc&) {
    result = broken("there is not enough memory");
  }
  result.name = name;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace stac::eval
