#include "stac/convert/compensated_rounding.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "stac/convert/quantization.hpp"
#include "stac/model/thread_limit.hpp"
#include "stac/snn/folding.hpp"

namespace stac::convert {
namespace {

constexpr std::int64_t kInputs = 40;
constexpr std::int64_t kOutputs = 19;
constexpr snn::Code kCode{12, 2};

/// Rows that mix a few sources, so that inputs go together.
at::Tensor correlated_rows(std::int64_t rows, const at::Tensor& mixing) {
  return (at::randn({rows, mixing.size(0)}).matmul(mixing) + 0.05 * at::randn({rows, mixing.size(1)})).contiguous();
}

class CompensatedRounding : public ::testing::Test {
 protected:
  CompensatedRounding() {
    at::manual_seed(11);
    mixing_ = at::randn({6, kInputs});
    folded_ = snn::fold({at::randn({kOutputs, kInputs}), at::randn({kOutputs})}, {}, inputs_, {});
  }

  [[nodiscard]] SpokenMoments watched(const at::Tensor& fit, const at::Tensor& judge) const {
    SpokenMoments moments(inputs_, kInputs);
    moments.add(fit.data_ptr<float>(), fit.size(0), SampleUse::fit);
    moments.add(judge.data_ptr<float>(), judge.size(0), SampleUse::judge);
    return moments;
  }

  snn::Population inputs_{kCode};
  at::Tensor mixing_;
  snn::SpikingLinear folded_;
};

/// The paper's own form: eliminate one input after the other from the inverse of the damped moments.
std::vector<std::int64_t> optimal_brain_rounding(std::vector<double> weights, double scale, const at::Tensor& moments) {
  const auto n = static_cast<std::int64_t>(weights.size());
  const at::Tensor lower = moments.tril();
  const at::Tensor damped =
      lower + lower.tril(-1).t() + at::eye(n, at::kDouble) * (0.01 * moments.diagonal().mean().item<double>());
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return moments[a][a].template item<double>() > moments[b][b].template item<double>();
  });
  at::Tensor inverse = at::linalg_inv(damped).contiguous();
  std::vector<std::int64_t> integers(n);
  for (const std::int64_t j : order) {
    integers[j] = static_cast<std::int64_t>(std::clamp(std::nearbyint(weights[j] / scale), -127.0, 127.0));
    const at::Tensor column = inverse.select(1, j).clone();
    const double share = (weights[j] - static_cast<double>(integers[j]) * scale) / column[j].item<double>();
    for (std::int64_t k = 0; k < n; ++k) weights[k] -= share * column[k].item<double>();
    inverse = inverse - at::outer(column, column) / column[j];
  }
  return integers;
}

TEST_F(CompensatedRounding, EqualsEliminationFromTheInverseAsThePaperHasIt) {
  const at::Tensor rows = correlated_rows(300, mixing_);
  const SpokenMoments inputs = watched(rows, rows);
  const auto rounded = quantize_compensated(folded_, inputs.moments());
  ASSERT_TRUE(rounded.has_value());
  for (std::int64_t i = 0; i < kOutputs; ++i) {
    std::vector<double> weights(kInputs);
    for (std::int64_t j = 0; j < kInputs; ++j) {
      weights[j] = folded_.weight.mantissa[i * kInputs + j] * folded_.weight.unit[i];
    }
    const auto expected = optimal_brain_rounding(weights, rounded->scale[i].item<double>(), inputs.moments());
    for (std::int64_t j = 0; j < kInputs; ++j) EXPECT_EQ(rounded->weight[i][j].item<std::int64_t>(), expected[j]);
  }
}

TEST_F(CompensatedRounding, OfInputsThatGoTogetherLosesLessOnUnseenRows) {
  const SpokenMoments inputs = watched(correlated_rows(600, mixing_), correlated_rows(200, mixing_));
  const Rounding rounding = better_rounding(folded_, inputs);
  EXPECT_TRUE(rounding.compensated);
  EXPECT_LT(inputs.errors(folded_, rounding.linear).front(), 0.5 * inputs.errors(folded_, quantize(folded_)).front());
  EXPECT_TRUE(at::equal(rounding.linear.scale, quantize(folded_).scale));
}

TEST_F(CompensatedRounding, IsDroppedWhereUnseenRowsSpeakAgainstIt) {
  const SpokenMoments inputs = watched(correlated_rows(600, mixing_), at::randn({200, kInputs}));
  const Rounding rounding = better_rounding(folded_, inputs);
  EXPECT_FALSE(rounding.compensated);
  EXPECT_TRUE(at::equal(rounding.linear.weight, quantize(folded_).weight));
}

TEST_F(CompensatedRounding, OfSilentInputsIsDropped) {
  const at::Tensor silence = at::zeros({8, kInputs});
  const SpokenMoments inputs = watched(silence, silence);
  EXPECT_FALSE(quantize_compensated(folded_, inputs.moments()).has_value());
  EXPECT_FALSE(better_rounding(folded_, inputs).compensated);
}

TEST_F(CompensatedRounding, MeasuresInputsInUnitsOfTheirThresholds) {
  const at::Tensor rows = correlated_rows(300, mixing_);
  const at::Tensor theta = at::rand({kInputs}) + 0.5;
  snn::Population profiled = inputs_;
  profiled.profile.assign(theta.data_ptr<float>(), theta.data_ptr<float>() + kInputs);
  SpokenMoments moments(profiled, kInputs);
  moments.add(rows.data_ptr<float>(), rows.size(0), SampleUse::fit);
  const at::Tensor scaled = (rows / theta).to(at::kDouble);
  const at::Tensor expected = scaled.t().matmul(scaled).tril();
  EXPECT_TRUE(at::allclose(moments.moments().tril(), expected, 1e-3, 1e-3 * expected.diagonal().mean().item<double>()));
}

TEST_F(CompensatedRounding, DoesNotDependOnThreads) {
  const at::Tensor rows = correlated_rows(300, mixing_);
  std::vector<snn::QuantizedLinear> rounded;
  for (const int threads : {1, 2, 3}) {
    const model::ThreadLimit limit(threads);
    rounded.push_back(better_rounding(folded_, watched(rows, rows)).linear);
  }
  EXPECT_TRUE(at::equal(rounded[0].weight, rounded[1].weight));
  EXPECT_TRUE(at::equal(rounded[0].weight, rounded[2].weight));
}

}  // namespace
}  // namespace stac::convert
