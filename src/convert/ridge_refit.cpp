#include "stac/convert/ridge_refit.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "convert/panel_products.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

constexpr std::array kStrengths{1e-3, 1e-2, 1e-1, 1.0};

double sum_of_squares(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble);
  return (wide * wide).sum().item<double>();
}

}  // namespace

const RefitCandidate& Refit::best() const {
  const RefitCandidate* found = &raw;
  for (const RefitCandidate* other : {&fold, &refit}) {
    if (other->projection.weight.defined() && other->error < found->error) found = other;
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

void RidgeRefit::add(const at::Tensor& replaced, const at::Tensor& original, Use use) {
  for (std::int64_t first = 0; first < replaced.size(0); first += kSummedRows) {
    const std::int64_t rows = std::min(kSummedRows, replaced.size(0) - first);
    const at::Tensor x = replaced.narrow(0, first, rows), g = original.narrow(0, first, rows);
    const at::Tensor residual = panel_product((g - x).contiguous(), old_.weight);
    if (use == Use::fit) {
      add_to_sums(x, residual);
    } else {
      keep(x, residual, panel_product(g.contiguous(), old_.weight));
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

void RidgeRefit::keep(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& target) {
  const std::int64_t rows = std::min(x.size(0), kMostJudges - judges_);
  if (rows == 0) return;
  judges_ += rows;
  judge_inputs_.push_back(x.narrow(0, 0, rows).clone());
  judge_residuals_.push_back(residual.narrow(0, 0, rows).clone());
  target_squares_ += sum_of_squares(target.narrow(0, 0, rows));
}

double RidgeRefit::error_of(const at::Tensor& left) const {
  return target_squares_ > 0.0 ? sum_of_squares(left) / target_squares_ : 0.0;
}

RefitCandidate RidgeRefit::refit_with(double strength, const at::Tensor& change) const {
  const at::Tensor narrow = change.to(at::kFloat).contiguous();
  const at::Tensor bias_change = ((residual_sum_ - change.mv(input_sum_)) / static_cast<double>(rows_)).to(at::kFloat);
  const at::Tensor left = at::cat(judge_residuals_) - (panel_product(at::cat(judge_inputs_), narrow) + bias_change);
  const at::Tensor bias = old_.bias.defined() ? old_.bias + bias_change : bias_change;
  return {"refit", strength, error_of(left), {old_.weight + narrow, bias}};
}

Refit RidgeRefit::solve() const {
  if (rows_ == 0 || judges_ == 0) throw std::logic_error("a refit needs rows to fit and rows to judge with");
  const model::ThreadLimit alone(1);  // of LibTorch: its sums over several would differ in their last bits
  const auto n = static_cast<double>(rows_);
  const at::Tensor mean_input = input_sum_ / n, mean_residual = residual_sum_ / n;
  const at::Tensor residuals = at::cat(judge_residuals_);
  const at::Tensor shift = mean_residual.to(at::kFloat);
  Refit result;
  result.raw = {"raw", 0.0, error_of(residuals), old_};
  result.fold = {
      "fold", 0.0, error_of(residuals - shift), {old_.weight, old_.bias.defined() ? old_.bias + shift : shift}};

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
    if (first || tried.error < result.refit.error) result.refit = std::move(tried);
  }
  return result;
}

}  // namespace stac::convert
