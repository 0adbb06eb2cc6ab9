#include "stac/convert/ridge_refit.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "convert/block_cholesky.hpp"
#include "convert/judged_errors.hpp"
#include "convert/panel_products.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

constexpr std::array kStrengths{1e-3, 1e-2, 1e-1, 1.0};
constexpr std::int64_t kMostJudgedOutputs = 192;  // by which a strength is chosen

/// On one thread: LibTorch's sums over several would differ in their last bits.
double sum_of_squares(const at::Tensor& values) {
  const model::ThreadLimit alone(1);
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

std::size_t index_of(double strength) {
  const auto* const at = std::ranges::find(kStrengths, strength);
  if (at == kStrengths.end()) throw std::invalid_argument("no strength of a ridge that is tried");
  return static_cast<std::size_t>(at - kStrengths.begin());
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
  waiting_ = {spread_rows(kMostWaiting, in), spread_rows(kMostWaiting, in)};
  input_sum_ = at::zeros({in}, at::kDouble);
  residual_sum_ = at::zeros({out}, at::kDouble);
  input_squares_ = at::zeros({in, in}, at::kDouble);
  cross_ = at::zeros({out, in}, at::kDouble);
}

void RidgeRefit::add(const at::Tensor& replaced, const at::Tensor& original, SampleUse use) {
  if (use != SampleUse::fit) return keep(held_out_[use], replaced, original);
  for (std::int64_t first = 0, rows = 0; first < replaced.size(0); first += rows) {
    rows = std::min(kMostWaiting - waiting_.rows, replaced.size(0) - first);
    const at::Tensor x = replaced.narrow(0, first, rows);
    at::Tensor changes = waiting_.changes.narrow(0, waiting_.rows, rows);
    at::sub_out(changes, original.narrow(0, first, rows), x);
    waiting_.inputs.narrow(0, waiting_.rows, rows).copy_(x);
    waiting_.rows += rows;
    if (waiting_.rows == kMostWaiting) sum_waiting();
  }
}

void RidgeRefit::sum_waiting() {
  const std::int64_t rows = std::exchange(waiting_.rows, 0);
  if (rows == 0) return;
  const at::Tensor x = waiting_.inputs.narrow(0, 0, rows);
  const at::Tensor residual = panel_product(waiting_.changes.narrow(0, 0, rows), old_.weight);
  const at::Tensor columns = spread_transpose(x);
  add_triangle(input_squares_, 1.F, columns);
  add_product_transposed(cross_, 1.F, spread_transpose(residual), columns);
  const model::ThreadLimit alone(1);
  input_sum_ += x.sum(0, false, at::kDouble);
  residual_sum_ += residual.sum(0, false, at::kDouble);
  rows_ += rows;
}

void RidgeRefit::keep(HeldOut& kept, const at::Tensor& replaced, const at::Tensor& original) const {
  const std::int64_t rows = std::min(replaced.size(0), kMostJudges - kept.rows);
  if (rows == 0) return;
  const at::Tensor x = replaced.narrow(0, 0, rows).clone(), g = original.narrow(0, 0, rows);
  kept.rows += rows;
  kept.inputs.push_back(x);
  kept.residuals.push_back(panel_product(g - x, old_.weight));
  kept.target_squares += sum_of_squares(panel_product(g, old_.weight));
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

RidgeRefit::Change RidgeRefit::fitted(const BlockCholesky& system, const at::Tensor& cross,
                                      const at::Tensor& outputs) const {
  const at::Tensor right = outputs.defined() ? cross.index_select(0, outputs) : cross;
  const at::Tensor sums = outputs.defined() ? residual_sum_.index_select(0, outputs) : residual_sum_;
  const at::Tensor weight = system.solve(right);
  const at::Tensor bias = (sums - weight.mv(input_sum_)) / static_cast<double>(rows_);
  return {weight.to(at::kFloat).contiguous(), bias.to(at::kFloat), outputs};
}

Refit RidgeRefit::solve(double likely_strength) {
  sum_waiting();
  if (rows_ == 0 || held_out_.empty()) throw std::logic_error("a refit needs rows to fit and rows to judge with");
  const auto n = static_cast<double>(rows_);
  const at::Tensor mean_input = input_sum_ / n, mean_residual = residual_sum_ / n;
  const at::Tensor fold = mean_residual.to(at::kFloat);
  Refit result;
  result.raw = candidate("raw", 0.0, {});
  result.fold = candidate("fold", 0.0, {{}, fold, {}});

  const at::Tensor covariance = (input_squares_ / n).addr_(mean_input, mean_input, 1.0, -1.0);
  const at::Tensor cross = (cross_ / n).addr_(mean_residual, mean_input, 1.0, -1.0);
  const double mean_diagonal = covariance.diagonal().mean().item<double>();
  const at::Tensor judged = evenly_spaced(cross.size(0), kMostJudgedOutputs);
  const std::vector<double> folded = errors({{}, fold.index_select(0, judged), judged});
  at::Tensor system = at::empty_like(covariance);
  struct Best {
    std::size_t at = 0;
    double share = std::numeric_limits<double>::infinity();
    std::optional<BlockCholesky> factor;
  } best;
  const auto improves_at = [&](std::size_t at) {
    system.copy_(covariance).diagonal().add_(kStrengths[at] * mean_diagonal);
    std::optional<BlockCholesky> factor = BlockCholesky::factored(system);
    if (!factor) {
      result.singular = true;
      return false;
    }
    const double share = worst_share(errors(fitted(*factor, cross, judged)), folded);
    if (share >= best.share) return false;
    best = {at, share, std::move(factor)};
    return true;
  };
  // A weaker ridge than the best follows its text too closely, a stronger one moves on towards the fold.
  const std::size_t first = index_of(likely_strength);
  improves_at(first);
  for (std::size_t at = first + 1; at < kStrengths.size(); ++at) {
    if (!improves_at(at) && best.factor) break;
  }
  std::size_t weaker = best.at == first ? first : 0;
  while (weaker > 0 && improves_at(weaker - 1)) --weaker;
  if (best.factor) result.refit = candidate("refit", kStrengths[best.at], fitted(*best.factor, cross, {}));
  return result;
}

}  // namespace stac::convert
