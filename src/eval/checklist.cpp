#include "stac/eval/checklist.hpp"

#include <algorithm>

namespace stac::eval {
namespace {

struct Claim {
  const char* text;
  std::vector<const char*> checks;
};

const std::vector<Claim>& claims() {
  static const std::vector<Claim> claims{
      {"position ids within bounds", {"position-boundaries"}},
      {"attention masks grow correctly across turns", {"attention-mask"}},
      {"KV cache maintains history", {"kv-cache"}},
      {"multi-turn coherence with factual recall", {"multi-turn", "coherence"}},
      {"energy within the expected range", {"energy", "energy-range"}},
      {"TorchScript export compatible", {"torchscript"}},
  };
  return claims;
}

ChecklistLine settled(const Claim& claim, std::span<const CheckResult> results) {
  ChecklistLine line{claim.text, Verdict::passed, {}};
  for (const std::string name : claim.checks) {
    const auto found =
        std::find_if(results.begin(), results.end(), [&](const CheckResult& result) { return result.name == name; });
    const Verdict verdict = found == results.end() ? Verdict::skipped : found->verdict;
    if (verdict == Verdict::passed) continue;
    if (line.verdict != Verdict::failed) line.verdict = verdict;
    if (!line.why.empty()) line.why += "; ";
    line.why += name + ": " + (found == results.end() ? "did not run" : found->measured);
  }
  return line;
}

}  // namespace

std::vector<ChecklistLine> checklist(std::span<const CheckResult> results) {
  std::vector<ChecklistLine> lines;
  for (const Claim& claim : claims()) lines.push_back(settled(claim, results));
  return lines;
}

}  // namespace stac::eval
