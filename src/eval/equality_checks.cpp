// Checks that compare two ways of computing the same, bit for bit.
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstring>

#include "check_list.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::eval {
namespace {

std::vector<std::int64_t> random_text(const CheckRun& run) {
  const convert::OpenedModel& model = run.model();
  const std::int64_t length = std::min(run.plan().tokens, model.config().max_positions);
  return random_windows(model.config().vocab_size, length, 1, run.plan().seed).windows.front();
}

/// Bits, not values: 0 and -0 differ, a NaN equals itself.
std::int64_t differing_values(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return a.numel();
  const at::Tensor x = a.contiguous(), y = b.contiguous();
  std::int64_t differing = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    differing += std::memcmp(x.data_ptr<float>() + i, y.data_ptr<float>() + i, sizeof(float)) != 0;
  }
  return differing;
}

CheckResult equal_logits(const at::Tensor& a, const at::Tensor& b, const std::string& what) {
  const std::int64_t differing = differing_values(a, b);
  return judged(differing == 0,
                std::to_string(differing) + " of " + std::to_string(a.numel()) + " logits differ " + what,
                "none differs in any bit");
}

at::Tensor logits_on_threads(const snn::SpikingModel& model, std::span<const std::int64_t> ids, int threads) {
  const model::ThreadLimit limit(threads);
  return model.start()->append(ids, model::LogitRows::all);
}

}  // namespace

CheckResult check_engine_equality(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = random_text(run);
  const auto fused = run.model().spiking(snn::EngineKind::fused).start_spiking();
  const auto temporal = run.model().spiking(snn::EngineKind::temporal).start_spiking();
  const at::Tensor fused_logits = fused->append(ids, model::LogitRows::all);
  const at::Tensor temporal_logits = temporal->append(ids, model::LogitRows::all);
  CheckResult result = equal_logits(fused_logits, temporal_logits,
                                    "between the engines on " + std::to_string(ids.size()) + " random tokens");
  if (fused->ledger() == temporal->ledger()) return result;
  result.verdict = Verdict::failed;
  result.measured += "; their counts differ";
  return result;
}

CheckResult check_kv_cache(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = random_text(run);
  const snn::SpikingModel& network = run.model().spiking(run.plan().engine);
  const at::Tensor at_once = network.start()->append(ids, model::LogitRows::all);
  const auto stepwise = network.start();
  std::int64_t differing = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const at::Tensor row = stepwise->append(std::span(ids).subspan(i, 1), model::LogitRows::last);
    differing +=
        differing_values(at_once.slice(0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1), row);
  }
  return judged(differing == 0,
                std::to_string(differing) + " logits differ between " + std::to_string(ids.size()) +
                    " tokens read one by one and at once",
                "none differs in any bit");
}

CheckResult check_determinism(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = random_text(run);
  const snn::SpikingModel& network = run.model().spiking(run.plan().engine);
  return equal_logits(logits_on_threads(network, ids, 1), logits_on_threads(network, ids, 2),
                      "between 1 and 2 threads");
}

}  // namespace stac::eval
