// Is it still the model that it was made from?
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/eval/condition.hpp"

namespace stac::eval {
namespace {

/// Of the largest logit's magnitude. A window of 16 steps rounds each membrane to 1.5e-5 of its row's largest; int8
/// weights are the same in both networks.
constexpr double kFineError = 2e-3;

}  // namespace

CheckResult check_dead_network(CheckRun& run) {
  const CheckPlan& plan = run.plan();
  const Fidelity& fidelity = run.reading().fidelity;
  const Diagnosis diagnosis = diagnose(fidelity);
  const bool passed = diagnosis.condition != convert::Condition::dead && fidelity.ratio <= plan.max_ratio &&
                      fidelity.top1_agreement >= plan.min_agreement && fidelity.kl <= plan.max_kl;
  CheckResult result =
      judged(passed,
             formatted("perplexity ratio %.4f, top-1 %.2f%%, KL %.5f, %lld distinct predictions beside %lld, on ",
                       fidelity.ratio, 100.0 * fidelity.top1_agreement, fidelity.kl,
                       static_cast<long long>(fidelity.spiking.distinct_predictions),
                       static_cast<long long>(fidelity.dense.distinct_predictions)) +
                 run.reading().text,
             formatted("ratio <= %g, top-1 >= %g%%, KL <= %g, >= %g%% of the distinct predictions of ", plan.max_ratio,
                       100.0 * plan.min_agreement, plan.max_kl, 100.0 * kDeadVariety) +
                 run.reference_name());
  result.details.push_back(diagnosis.sentence);
  return result;
}

CheckResult check_dense_parity(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = run.random_text();
  const snn::SpikingModel fine = run.finely_coded();
  const at::Tensor dense = run.model().ann().start()->append(ids, model::LogitRows::all);
  const at::Tensor spiking = fine.start()->append(ids, model::LogitRows::all);
  const double scale = dense.abs().max().item<double>();
  const double error = spiking.sub(dense).abs().max().item<double>();
  return judged(error <= kFineError * scale,
                formatted("at base 2, T = 16 logits are off by %.2g of the largest on %zu random tokens",
                          scale > 0.0 ? error / scale : error, ids.size()),
                formatted("<= %g", kFineError));
}

}  // namespace stac::eval
