#include "stac/model/logit_scores.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "stac/error.hpp"

namespace stac::model {
namespace {

void require_rows(const at::Tensor& logits, std::int64_t rows) {
  if (logits.dim() != 2 || logits.size(0) != rows || logits.scalar_type() != at::kFloat) {
    throw std::invalid_argument("logits are f32 [rows, vocab_size]");
  }
}

RowPeak peak_of(const float* row, std::int64_t size, std::int64_t row_number) {
  RowPeak peak;
  for (std::int64_t i = 1; i < size; ++i) {
    if (row[i] > row[peak.at]) peak.at = i;
  }
  const double largest = row[peak.at];
  double sum = 0.0;
  for (std::int64_t i = 0; i < size; ++i) sum += std::exp(static_cast<double>(row[i]) - largest);
  peak.log_sum = largest + std::log(sum);
  if (!std::isfinite(peak.log_sum)) {
    throw Error("the model's logits are not finite at position " + std::to_string(row_number),
                "the weights or the conversion are broken: try stac-test");
  }
  return peak;
}

void require_peaks(const at::Tensor& logits, std::span<const RowPeak> peaks) {
  if (static_cast<std::int64_t>(peaks.size()) != logits.size(0)) throw std::invalid_argument("a peak for every row");
}

/// Rows are independent, so threads do not change a result.
template <typename Body>
void for_rows(std::int64_t rows, const Body& body) {
  at::parallel_for(0, rows, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) body(row);
  });
}

}  // namespace

std::vector<RowPeak> row_peaks(const at::Tensor& logits) {
  require_rows(logits, logits.size(0));
  const at::Tensor dense = logits.contiguous();
  const std::int64_t vocabulary = dense.size(1);
  std::vector<RowPeak> peaks(static_cast<std::size_t>(dense.size(0)));
  for_rows(dense.size(0), [&](std::int64_t r) {
    peaks[static_cast<std::size_t>(r)] = peak_of(dense.data_ptr<float>() + r * vocabulary, vocabulary, r);
  });
  return peaks;
}

std::vector<TokenScore> score_targets(const at::Tensor& logits, std::span<const std::int64_t> targets) {
  require_rows(logits, static_cast<std::int64_t>(targets.size()));
  return score_targets(logits, row_peaks(logits), targets);
}

std::vector<TokenScore> score_targets(const at::Tensor& logits, std::span<const RowPeak> peaks,
                                      std::span<const std::int64_t> targets) {
  require_rows(logits, static_cast<std::int64_t>(targets.size()));
  require_peaks(logits, peaks);
  const at::Tensor dense = logits.contiguous();
  const std::int64_t vocabulary = dense.size(1);
  const float* row = dense.data_ptr<float>();
  std::vector<TokenScore> scores;
  for (std::size_t r = 0; r < targets.size(); ++r, row += vocabulary) {
    const std::int64_t target = targets[r];
    if (target < 0 || target >= vocabulary) throw std::out_of_range("a target is outside the vocabulary");
    scores.push_back({peaks[r].log_sum - static_cast<double>(row[target]), peaks[r].at});
  }
  return scores;
}

std::vector<double> divergences(const at::Tensor& p, const at::Tensor& q) {
  return divergences(p, row_peaks(p), q, row_peaks(q));
}

std::vector<double> divergences(const at::Tensor& p, std::span<const RowPeak> p_peaks, const at::Tensor& q,
                                std::span<const RowPeak> q_peaks) {
  const std::int64_t rows = p.size(0);
  require_rows(p, rows);
  require_rows(q, rows);
  require_peaks(p, p_peaks);
  require_peaks(q, q_peaks);
  if (p.size(1) != q.size(1)) throw std::invalid_argument("logits of two vocabularies cannot be compared");
  const at::Tensor p_dense = p.contiguous(), q_dense = q.contiguous();
  const std::int64_t vocabulary = p.size(1);
  std::vector<double> result(static_cast<std::size_t>(rows));
  for_rows(rows, [&](std::int64_t r) {
    const float* p_row = p_dense.data_ptr<float>() + r * vocabulary;
    const float* q_row = q_dense.data_ptr<float>() + r * vocabulary;
    const double p_log_sum = p_peaks[static_cast<std::size_t>(r)].log_sum;
    const double q_log_sum = q_peaks[static_cast<std::size_t>(r)].log_sum;
    double sum = 0.0;
    for (std::int64_t i = 0; i < vocabulary; ++i) {
      const double log_p = static_cast<double>(p_row[i]) - p_log_sum;
      const double log_q = static_cast<double>(q_row[i]) - q_log_sum;
      sum += std::exp(log_p) * (log_p - log_q);
    }
    result[static_cast<std::size_t>(r)] = std::max(0.0, sum);  // rounding can leave -1e-16 for equal rows
  });
  return result;
}

}  // namespace stac::model
