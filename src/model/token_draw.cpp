#include "stac/model/token_draw.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "model/work_threads.hpp"

namespace stac::model {

std::vector<double> relative_odds(std::span<const float> logits) {
  const auto size = static_cast<std::int64_t>(logits.size());
  const WorkThreads alone(size);
  std::vector<double> odds(logits.begin(), logits.end());
  at::Tensor values = at::from_blob(odds.data(), {size}, at::kDouble);
  values.sub_(values.max()).exp_();
  return odds;
}

std::int64_t draw(std::span<const float> logits, double random) {
  const std::vector<double> odds = relative_odds(logits);
  const double target = random * std::accumulate(odds.begin(), odds.end(), 0.0);
  double sum = 0;
  std::int64_t last = 0;  // where rounding keeps the sum from ever exceeding the target
  for (std::size_t id = 0; id < odds.size(); ++id) {
    if (odds[id] == 0) continue;
    sum += odds[id];
    last = static_cast<std::int64_t>(id);
    if (sum > target) break;
  }
  return last;
}

}  // namespace stac::model
