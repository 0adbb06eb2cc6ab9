#include "stac/convert/ridge_refit.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "convert/judged_errors.hpp"
#include "convert/panel_products.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

constexpr std::array kStrengths{1e-3, 1e-2, 1e-1, 1.0};

double sum_of_squares(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble);
  return (wide * wide).sum().item<double>();
}

/// The largest share of the fold's error that a candidate leaves on any text.
double worst_share(const RefitCandidate& candidate, const RefitCandidate& fold) {
  double worst = 0.0;
  for (std::size_t i = 0; i < fold.errors.size(); ++i) {
    worst = std::max(worst, candidate.errors[i] / std::max(fold.errors[i], std::numeric_limits<double>::min()));
  }
  return worst;
}

}  // namespace

double RefitCandidate::error() const { return largest(errors); }

const RefitCandidate& Refit::best() const {
  const RefitCandidate* found = &raw;
  for (const RefitCandidate* other : {&fold, &refit}) {
    if (other->projection.weight.defined() && improves(other->errors, found->errors)) found = other;
  }
  return *found;
}

RidgeRefit::RidgeRefit(model::Projection old) : old_(std::move(old)) {
  const std::int64_t out = old_.weight.size(0), in = old_.weight.size(1);
  input_sum_ = at::zeros({in}, at::kDouble);
  residual_sum_ = at::zeros({out}, at::kDouble);
  input_squares_ = at::zeros({in, in}, at::kDouble);
  cross_ = at::zeros({in, out}, at::kDouble);
}

void RidgeRefit::add(const at::Tensor& replaced, const at::Tensor& original, SampleUse use) {
  for (std::int64_t first = 0; first < replaced.size(0); first += kSummedRows) {
    const std::int64_t rows = std::min(kSummedRows, replaced.size(0) - first);
    const at::Tensor x = replaced.narrow(0, first, rows), g = original.narrow(0, first, rows);
    const at::Tensor residual = panel_product((g - x).contiguous(), old_.weight);
    if (use == SampleUse::fit) {
      add_to_sums(x, residual);
    } else {
      keep(held_out_[use], x, residual, panel_product(g.contiguous(), old_.weight));
    }
  }
}

void RidgeRefit::add_to_sums(const at::Tensor& x, const at::Tensor& residual) {
  const at::Tensor columns = x.t().contiguous();
  const at::Tensor residuals = residual.t().contiguous();
  add_gram(input_squares_, columns);
  add_products(cross_, columns, residuals);
  const model::ThreadLimit alone(1);
  rows_ += x.size(0);
  input_sum_ += x.to(at::kDouble).sum(0);
  residual_sum_ += residual.to(at::kDouble).sum(0);
}

void RidgeRefit::keep(HeldOut& kept, const at::Tensor& x, const at::Tensor& residual, const at::Tensor& target) {
  const std::int64_t rows = std::min(x.size(0), kMostJudges - kept.rows);
  if (rows == 0) return;
  kept.rows += rows;
  kept.inputs.push_back(x.narrow(0, 0, rows).clone());
  kept.residuals.push_back(residual.narrow(0, 0, rows).clone());
  kept.target_squares += sum_of_squares(target.narrow(0, 0, rows));
}

RefitCandidate RidgeRefit::candidate(const char* name, double strength, const at::Tensor& change,
                                     const at::Tensor& bias_change) const {
  RefitCandidate result{name, strength, {}, old_};
  if (change.defined()) result.projection.weight = old_.weight + change;
  if (bias_change.defined()) result.projection.bias = old_.bias.defined() ? old_.bias + bias_change : bias_change;
  for (const auto& [use, rows] : held_out_) {
    at::Tensor left = at::cat(rows.residuals);
    if (change.defined()) left = left - panel_product(at::cat(rows.inputs), change);
    if (bias_change.defined()) left = left - bias_change;
    result.errors.push_back(rows.target_squares > 0.0 ? sum_of_squares(left) / rows.target_squares : 0.0);
  }
  return result;
}

RefitCandidate RidgeRefit::refit_with(double strength, const at::Tensor& change) const {
  const at::Tensor bias_change = ((residual_sum_ - change.mv(input_sum_)) / static_cast<double>(rows_)).to(at::kFloat);
  return candidate("refit", strength, change.to(at::kFloat).contiguous(), bias_change);
}

Refit RidgeRefit::solve() const {
  if (rows_ == 0 || held_out_.empty()) throw std::logic_error("a refit needs rows to fit and rows to judge with");
  const model::ThreadLimit alone(1);  // of LibTorch: its sums over several would differ in their last bits
  const auto n = static_cast<double>(rows_);
  const at::Tensor mean_input = input_sum_ / n, mean_residual = residual_sum_ / n;
  Refit result;
  result.raw = candidate("raw", 0.0, {}, {});
  result.fold = candidate("fold", 0.0, {}, mean_residual.to(at::kFloat));

  const at::Tensor covariance = input_squares_ / n - at::outer(mean_input, mean_input);
  const at::Tensor cross = cross_ / n - at::outer(mean_input, mean_residual);
  const double mean_diagonal = covariance.diagonal().mean().item<double>();
  for (const double strength : kStrengths) {
    at::Tensor system = covariance.clone();
    system.diagonal().add_(strength * mean_diagonal);
    const auto [factor, failed] = at::linalg_cholesky_ex(system);
    if (failed.item<int>() != 0) {
      result.singular = true;
      continue;
    }
    RefitCandidate tried = refit_with(strength, at::cholesky_solve(cross, factor).t());
    const bool first = !result.refit.projection.weight.defined();
    if (first || worst_share(tried, result.fold) < worst_share(result.refit, result.fold)) {
      result.refit = std::move(tried);
    }
  }
  return result;
}

}  // namespace stac::convert
