#include "stac/convert/logit_scale.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "stac/model/logit_scores.hpp"

namespace stac::convert {
namespace {

constexpr double kLargestFactor = 4.0;
constexpr int kMostSteps = 40;
constexpr double kPrecision = 1e-7;

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

/// Of `values` under softmax(scale * energies).
Moments moments(const float* energies, double scale, const float* values, std::int64_t n) {
  const auto largest = static_cast<double>(*std::max_element(energies, energies + n));  // scale > 0
  double weights = 0.0, sum = 0.0, squares = 0.0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double weight = std::exp(scale * (static_cast<double>(energies[i]) - largest));
    const auto value = static_cast<double>(values[i]);
    weights += weight;
    sum += weight * value;
    squares += weight * value * value;
  }
  const double mean = sum / weights;
  return {mean, std::max(0.0, squares / weights - mean * mean)};
}

/// Rows are independent and added in order: threads do not show in the sum.
Moments summed_moments(const at::Tensor& energies, double scale, const at::Tensor& values) {
  const std::int64_t rows = values.size(0), n = values.size(1);
  std::vector<Moments> each(rows);
  at::parallel_for(0, rows, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      each[r] = moments(energies.data_ptr<float>() + r * n, scale, values.data_ptr<float>() + r * n, n);
    }
  });
  Moments sum;
  for (const Moments& row : each) sum = {sum.mean + row.mean, sum.variance + row.variance};
  return sum;
}

class ScaleFit {
 public:
  void add(const at::Tensor& source, const at::Tensor& logits) {
    expected_ += summed_moments(source, 1.0, logits).mean;
    logits_.push_back(logits);
  }

  /// Newton's steps, halving where one would leave the bracket of the root.
  [[nodiscard]] double solve() const {
    double low = 1.0 / kLargestFactor, high = kLargestFactor, scale = 1.0;
    for (int step = 0; step < kMostSteps; ++step) {
      const Moments slope = derivatives(scale);
      (slope.mean < 0.0 ? low : high) = scale;
      const double newton = scale - slope.mean / slope.variance;
      const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
      if (std::abs(next - scale) <= kPrecision * scale) return next;
      scale = next;
    }
    return scale;
  }

 private:
  /// First and second derivative of the sum of KL.
  [[nodiscard]] Moments derivatives(double scale) const {
    Moments sum{-expected_, 0.0};
    for (const at::Tensor& rows : logits_) {
      const Moments under = summed_moments(rows, scale, rows);
      sum = {sum.mean + under.mean, sum.variance + under.variance};
    }
    return sum;
  }

  std::vector<at::Tensor> logits_;
  double expected_ = 0.0;  // sum of E_p[z]
};

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

LogitScaleRecord fit_logit_scale(const model::TextReader& source, const model::TextReader& network,
                                 const model::Texts& samples) {
  if (samples.size() < 2) throw std::invalid_argument("a logit scale needs samples to fit and to judge with");
  const at::NoGradGuard no_gradients;
  const auto wanted_logits = source(samples), said_logits = network(samples);
  const std::size_t fitting = samples.size() / 2;
  ScaleFit fit;
  for (std::size_t i = 0; i < fitting; ++i) fit.add(wanted_logits->of(i).contiguous(), said_logits->of(i).contiguous());
  LogitScaleRecord record;
  record.fitted = fit.solve();
  std::vector<double> plain, scaled;
  for (std::size_t i = fitting; i < samples.size(); ++i) {
    const at::Tensor wanted = wanted_logits->of(i), logits = said_logits->of(i);
    const auto add = [&](std::vector<double>& to, const at::Tensor& said) {
      const std::vector<double> each = model::divergences(wanted, said);
      to.insert(to.end(), each.begin(), each.end());
    };
    add(plain, logits);
    add(scaled, logits * record.fitted);
  }
  record.plain = mean_of(plain);
  record.scaled = mean_of(scaled);
  if (record.scaled < (1.0 - kLeastSaving) * record.plain) record.scale = record.fitted;
  for (const auto& sample : samples) record.tokens += static_cast<std::int64_t>(sample.size());
  return record;
}

}  // namespace stac::convert
