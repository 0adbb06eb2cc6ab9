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
constexpr std::int64_t kMostJudgedOutputs = 192;  // by which a strength is chosen

double sum_of_squares(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble);
  return (wide * wide).sum().item<double>();
}

/// The largest share of the fold's error that is left on any text.
double worst_share(const std::vector<double>& left, const std::vector<double>& folded) {
  double worst = 0.0;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    worst = std::max(worst, left[i] / std::max(folded[i], std::numeric_limits<double>::min()));
  }
  return worst;
}

/// int64 [at most `most`]: indices below `count`.
at::Tensor evenly_spaced(std::int64_t count, std::int64_t most) {
  const std::int64_t taken = std::min(count, most);
  return at::floor_divide(at::arange(taken) * count, taken);
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
  for (std::int64_t first = 0, rows = 0; first < replaced.size(0); first += rows) {
    const std::int64_t room = use == SampleUse::fit ? kSummedRows - waiting_.rows : kSummedRows;
    rows = std::min(room, replaced.size(0) - first);
    const at::Tensor x = replaced.narrow(0, first, rows), g = original.narrow(0, first, rows);
    at::Tensor residual = panel_product((g - x).contiguous(), old_.weight);
    if (use == SampleUse::fit) {
      wait(x, std::move(residual));
    } else {
      keep(held_out_[use], x, residual, panel_product(g.contiguous(), old_.weight));
    }
  }
}

void RidgeRefit::wait(const at::Tensor& x, at::Tensor residual) {
  waiting_.rows += x.size(0);
  waiting_.inputs.push_back(x.clone());
  waiting_.residuals.push_back(std::move(residual));
  if (waiting_.rows == kSummedRows) sum_waiting();
}

void RidgeRefit::sum_waiting() {
  if (waiting_.rows == 0) return;
  const at::Tensor x = at::cat(waiting_.inputs), residual = at::cat(waiting_.residuals);
  const at::Tensor columns = x.t().contiguous();
  add_gram(input_squares_, columns);
  add_products(cross_, columns, residual.t().contiguous());
  const model::ThreadLimit alone(1);
  rows_ += waiting_.rows;
  input_sum_ += x.to(at::kDouble).sum(0);
  residual_sum_ += residual.to(at::kDouble).sum(0);
  waiting_ = {};
}

void RidgeRefit::keep(HeldOut& kept, const at::Tensor& x, const at::Tensor& residual, const at::Tensor& target) {
  const std::int64_t rows = std::min(x.size(0), kMostJudges - kept.rows);
  if (rows == 0) return;
  kept.rows += rows;
  kept.inputs.push_back(x.narrow(0, 0, rows).clone());
  kept.residuals.push_back(residual.narrow(0, 0, rows).clone());
  kept.target_squares += sum_of_squares(target.narrow(0, 0, rows));
}

std::vector<double> RidgeRefit::errors(const Change& change) const {
  std::vector<double> result;
  for (const auto& [use, rows] : held_out_) {
    at::Tensor left = at::cat(rows.residuals);
    if (change.outputs.defined()) left = left.index_select(1, change.outputs);
    if (change.weight.defined()) left = left - panel_product(at::cat(rows.inputs), change.weight);
    if (change.bias.defined()) left = left - change.bias;
    result.push_back(rows.target_squares > 0.0 ? sum_of_squares(left) / rows.target_squares : 0.0);
  }
  return result;
}

RefitCandidate RidgeRefit::candidate(const char* name, double strength, const Change& change) const {
  RefitCandidate result{name, strength, errors(change), old_};
  if (change.weight.defined()) result.projection.weight = old_.weight + change.weight;
  if (change.bias.defined()) result.projection.bias = old_.bias.defined() ? old_.bias + change.bias : change.bias;
  return result;
}

RidgeRefit::Change RidgeRefit::fitted(const at::Tensor& factor, const at::Tensor& cross,
                                      const at::Tensor& outputs) const {
  const at::Tensor right = outputs.defined() ? cross.index_select(1, outputs) : cross;
  const at::Tensor sums = outputs.defined() ? residual_sum_.index_select(0, outputs) : residual_sum_;
  const at::Tensor weight = at::cholesky_solve(right, factor).t();
  const at::Tensor bias = (sums - weight.mv(input_sum_)) / static_cast<double>(rows_);
  return {weight.to(at::kFloat).contiguous(), bias.to(at::kFloat), outputs};
}

Refit RidgeRefit::solve() {
  sum_waiting();
  if (rows_ == 0 || held_out_.empty()) throw std::logic_error("a refit needs rows to fit and rows to judge with");
  const model::ThreadLimit alone(1);  // of LibTorch: its sums over several would differ in their last bits
  const auto n = static_cast<double>(rows_);
  const at::Tensor mean_input = input_sum_ / n, mean_residual = residual_sum_ / n;
  const at::Tensor fold = mean_residual.to(at::kFloat);
  Refit result;
  result.raw = candidate("raw", 0.0, {});
  result.fold = candidate("fold", 0.0, {{}, fold, {}});

  const at::Tensor covariance = input_squares_ / n - at::outer(mean_input, mean_input);
  const at::Tensor cross = cross_ / n - at::outer(mean_input, mean_residual);
  const double mean_diagonal = covariance.diagonal().mean().item<double>();
  const at::Tensor judged = evenly_spaced(cross.size(1), kMostJudgedOutputs);
  const std::vector<double> folded = errors({{}, fold.index_select(0, judged), judged});
  double least = std::numeric_limits<double>::infinity(), chosen = 0.0;
  at::Tensor best_factor;
  for (const double strength : kStrengths) {
    at::Tensor system = covariance.clone();
    system.diagonal().add_(strength * mean_diagonal);
    const auto [factor, failed] = at::linalg_cholesky_ex(system);
    if (failed.item<int>() != 0) {
      result.singular = true;
      continue;
    }
    const double share = worst_share(errors(fitted(factor, cross, judged)), folded);
    if (best_factor.defined() && share >= least) continue;
    least = share;
    chosen = strength;
    best_factor = factor;
  }
  if (best_factor.defined()) result.refit = candidate("refit", chosen, fitted(best_factor, cross, {}));
  return result;
}

}  // namespace stac::convert
