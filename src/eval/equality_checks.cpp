// Two ways of computing the same: engines, thread counts, repetitions.
#include <ATen/core/grad_mode.h>

#include "bits.hpp"
#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "sites.hpp"
#include "stac/model/thread_limit.hpp"
#include "stac/runtime/generation.hpp"

namespace stac::eval {
namespace {

constexpr std::int64_t kAnswer = 8;  ///< tokens

at::Tensor logits_on_threads(const snn::SpikingModel& model, std::span<const std::int64_t> ids, int threads) {
  const model::ThreadLimit limit(threads);
  return model.start()->append(ids, model::LogitRows::all);
}

std::vector<std::int64_t> sampled_answer(CheckRun& run, std::span<const std::int64_t> prompt) {
  runtime::CachedSequence sequence(run.spiking());
  runtime::GenerationOptions options;
  options.sampling.temperature = 1.0;
  options.sampling.seed = run.plan().seed;
  options.max_new_tokens = kAnswer;
  return runtime::generate(sequence, prompt, options).ids;
}

}  // namespace

CheckResult check_engine_equality(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = run.random_text();
  const auto fused = run.spiking(snn::EngineKind::fused).start_spiking();
  const auto temporal = run.spiking(snn::EngineKind::temporal).start_spiking();
  const at::Tensor fused_logits = fused->append(ids, model::LogitRows::all);
  const std::int64_t differing = differing_values(fused_logits, temporal->append(ids, model::LogitRows::all));
  std::vector<std::string> uneven;
  for_each_counted_site(fused->ledger(), [&](std::int64_t layer, snn::Site site, const snn::SiteCounts& counts) {
    if (counts != temporal->ledger().counts(layer, site))
      uneven.push_back("counts differ: " + site_text(fused->ledger(), layer, site));
  });
  CheckResult result = judged(differing == 0 && uneven.empty(),
                              formatted("%lld of %lld logits differ between the engines on %zu random tokens, and %zu "
                                        "counts of sites",
                                        static_cast<long long>(differing), static_cast<long long>(fused_logits.numel()),
                                        ids.size(), uneven.size()),
                              "none differs in any bit");
  result.details = std::move(uneven);
  return result;
}

CheckResult check_determinism(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = run.random_text();
  const at::Tensor alone = logits_on_threads(run.spiking(), ids, 1);
  Findings findings;
  findings.expect(same_bits(logits_on_threads(run.spiking(), ids, 2), alone), "two threads have other logits than one");
  const std::vector<std::int64_t> other(ids.rbegin(), ids.rend());
  static_cast<void>(run.spiking().start()->append(other, model::LogitRows::last));
  findings.expect(same_bits(logits_on_threads(run.spiking(), ids, 1), alone),
                  "a repetition behind another text has other logits");
  const auto prompt = std::span(ids).first(std::max<std::size_t>(1, ids.size() / 2));
  findings.expect(sampled_answer(run, prompt) == sampled_answer(run, prompt), "a seed gives two answers");
  return findings.result("1 and 2 threads, twice, and a sampled answer", "the same bits and the same answer");
}

}  // namespace stac::eval
