#include "stac/eval/token_windows.hpp"

#include <algorithm>

#include "stac/error.hpp"

namespace stac::eval {

bool windows_begin_with_bos(BosChoice choice, const text::TokenizerConfig& config, text::TokenizerKind kind,
                            const std::string& model_type) {
  if (choice != BosChoice::automatic) return choice == BosChoice::yes;
  if (config.add_bos_token) return *config.add_bos_token;
  return kind == text::TokenizerKind::sentencepiece && model_type == "llama";
}

TokenWindows cut_windows(std::span<const std::int64_t> ids, const WindowPlan& plan) {
  if (plan.context < 2) throw UsageError("a window of fewer than 2 tokens scores nothing", "give --context 2 or more");
  if (plan.most && *plan.most < 1) throw UsageError("no window was asked for", "give --windows 1 or more");
  const std::int64_t stride = plan.bos ? plan.context - 1 : plan.context;
  const std::int64_t whole = static_cast<std::int64_t>(ids.size()) / stride;
  if (whole == 0) {
    throw Error("the text has " + std::to_string(ids.size()) + " tokens, too few for one window of " +
                    std::to_string(plan.context),
                "take a longer text, or a smaller --context");
  }
  TokenWindows cut{plan.context, plan.bos.has_value(), {}};
  for (std::int64_t w = 0; w < std::min(whole, plan.most.value_or(whole)); ++w) {
    std::vector<std::int64_t> window;
    window.reserve(static_cast<std::size_t>(plan.context));
    if (plan.bos) window.push_back(*plan.bos);
    const auto begin = ids.begin() + w * stride;
    window.insert(window.end(), begin, begin + stride);
    cut.windows.push_back(std::move(window));
  }
  return cut;
}

}  // namespace stac::eval
