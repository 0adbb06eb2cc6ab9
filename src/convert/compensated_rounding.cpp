#include "stac/convert/compensated_rounding.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "convert/panel_products.hpp"
#include "snn/task_queue.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

constexpr double kDamping = 0.01;  // of the mean diagonal, as in the paper
constexpr double kLargest = 127.0;
constexpr std::int64_t kMostJudges = 1024;  // rows of a use
constexpr std::int64_t kLanes = 16;         // outputs that are rounded side by side

/// The order in which moments are factored, quietest input first: rounding goes backwards.
std::vector<std::int64_t> by_loudness(const at::Tensor& moments) {
  const at::Tensor squares = moments.diagonal().contiguous();
  std::vector<std::int64_t> order(squares.numel());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::less<>(), [&](std::int64_t j) { return squares.data_ptr<double>()[j]; });
  return order;
}

/// Upper triangular R of the damped moments in this order, every row divided by its diagonal.
std::optional<at::Tensor> scaled_factor(const at::Tensor& moments, const std::vector<std::int64_t>& order) {
  const double mean = moments.diagonal().mean().item<double>();
  if (!(mean > 0.0)) return std::nullopt;
  const at::Tensor lower = moments.tril();
  const at::Tensor whole = lower + lower.tril(-1).t();
  const at::Tensor index = at::tensor(order);
  at::Tensor system = whole.index_select(0, index).index_select(1, index).contiguous();
  system.diagonal().add_(kDamping * mean);
  const auto [factor, failed] = at::linalg_cholesky_ex(system);
  if (failed.item<int>() != 0) return std::nullopt;
  const at::Tensor upper = factor.t();
  return (upper / upper.diagonal().unsqueeze(1)).contiguous();
}

/// Outputs first .. first + kLanes - 1 side by side; those past the last are left alone.
class Lanes {
 public:
  Lanes(const snn::SpikingLinear& folded, const float* scales, std::int64_t first)
      : folded_(folded),
        scales_(scales + first),
        first_(first),
        count_(std::min(kLanes, folded.weight.rows - first)),
        missed_(folded.weight.columns * kLanes) {}

  /// Rounds column `order[j]`, whose row of the factor this is, after all behind it.
  void round(const std::vector<std::int64_t>& order, std::int64_t j, const double* factor, std::int8_t* integers) {
    std::array<double, kLanes> carried{};
    const std::int64_t columns = folded_.weight.columns;
    for (std::int64_t k = j + 1; k < columns; ++k) {
      for (std::int64_t lane = 0; lane < kLanes; ++lane) carried[lane] += factor[k] * missed_[k * kLanes + lane];
    }
    for (std::int64_t lane = 0; lane < count_; ++lane) {
      const std::int64_t at = (first_ + lane) * columns + order[j];
      const auto scale = static_cast<double>(scales_[lane]);
      const double weight = folded_.weight.mantissa[at] * folded_.weight.unit[first_ + lane];
      const double wanted = scale > 0.0 ? (weight + carried[lane]) / scale : 0.0;
      const double integer = std::clamp(std::nearbyint(wanted), -kLargest, kLargest);
      missed_[j * kLanes + lane] = weight - integer * scale;
      integers[at] = static_cast<std::int8_t>(integer);
    }
  }

 private:
  const snn::SpikingLinear& folded_;
  const float* scales_;
  std::int64_t first_, count_;
  std::vector<double> missed_;  // [columns in order, kLanes]: weight - rounded
};

at::Tensor values_of(const snn::SpikingLinear& folded) {
  const snn::FixedPointMatrix& fixed = folded.weight;
  return fixed.mantissa.tensor().to(at::kDouble).view({fixed.rows, fixed.columns}) *
         at::tensor(fixed.unit, at::kDouble).unsqueeze(1);
}

double sum_of_squares(const at::Tensor& values) {
  const model::ThreadLimit alone(1);
  return values.to(at::kDouble).square().sum().item<double>();
}

}  // namespace

std::optional<snn::QuantizedLinear> quantize_compensated(const snn::SpikingLinear& folded, const at::Tensor& moments) {
  const std::vector<std::int64_t> order = by_loudness(moments);
  const auto factor = [&] {
    const model::ThreadLimit alone(1);  // of LibTorch: its sums over several would differ in their last bits
    return scaled_factor(moments, order);
  }();
  if (!factor) return std::nullopt;
  snn::QuantizedLinear result = quantize(folded);
  const std::int64_t columns = folded.weight.columns;
  const float* const scales = result.scale.data_ptr<float>();
  auto* const integers = result.weight.data_ptr<std::int8_t>();
  const double* const rows = factor->data_ptr<double>();
  at::parallel_for(0, (folded.weight.rows + kLanes - 1) / kLanes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      Lanes lanes(folded, scales, block * kLanes);
      for (std::int64_t j = columns - 1; j >= 0; --j) lanes.round(order, j, rows + j * columns, integers);
    }
  });
  return result;
}

SpokenMoments::SpokenMoments(const snn::Population& inputs, std::int64_t channels)
    : profile_(inputs.profile),
      says_(std::make_shared<const snn::SpokenValues>(inputs)),
      channels_(channels),
      moments_(at::zeros({channels, channels}, at::kDouble)) {}

void SpokenMoments::add(const float* membranes, std::int64_t rows, SampleUse use) {
  std::vector<float> spoken(membranes, membranes + rows * channels_);
  snn::for_each_task(rows, [&](std::int64_t r) {
    float* const row = spoken.data() + r * channels_;
    says_->apply(row, channels_);
    for (std::size_t j = 0; j < profile_.size(); ++j) row[j] /= profile_[j];
  });
  if (use != SampleUse::fit) {
    std::vector<float>& kept = judges_[use];
    const auto room = static_cast<std::size_t>(kMostJudges * channels_) - kept.size();
    kept.insert(kept.end(), spoken.begin(),
                spoken.begin() + static_cast<std::ptrdiff_t>(std::min(room, spoken.size())));
    return;
  }
  const at::Tensor all = at::from_blob(spoken.data(), {rows, channels_}, at::kFloat);
  add_triangle(moments_, 1.F, spread_transpose(all));
}

std::vector<double> SpokenMoments::errors(const snn::SpikingLinear& folded, const snn::QuantizedLinear& rounded) const {
  const at::Tensor wanted = values_of(folded);
  const at::Tensor got = rounded.weight.to(at::kDouble) * rounded.scale.to(at::kDouble).unsqueeze(1);
  const at::Tensor missed = (wanted - got).to(at::kFloat).contiguous();
  const at::Tensor target = wanted.to(at::kFloat).contiguous();
  std::vector<double> errors;
  for (const auto& [use, values] : judges_) {
    const at::Tensor rows = at::tensor(values).view({-1, channels_});
    const double squares = sum_of_squares(panel_product(rows, target));
    errors.push_back(squares > 0.0 ? sum_of_squares(panel_product(rows, missed)) / squares : 0.0);
  }
  return errors;
}

Rounding better_rounding(const snn::SpikingLinear& folded, const SpokenMoments& inputs) {
  snn::QuantizedLinear nearest = quantize(folded);
  const auto compensated = quantize_compensated(folded, inputs.moments());
  if (!compensated) return {std::move(nearest), false};
  const std::vector<double> before = inputs.errors(folded, nearest), after = inputs.errors(folded, *compensated);
  const bool better = std::ranges::equal(after, before, std::less_equal<>()) && after != before;
  return {better ? *compensated : std::move(nearest), better};
}

}  // namespace stac::convert
