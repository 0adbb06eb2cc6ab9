// Closed-form repair of a projection whose inputs were replaced: least squares with a ridge towards the old weights.
//
// Inputs x stand where inputs g stood. The old projection on the old inputs is the target; the sums below see only the
// residual r = W (g - x). With d = E[x], e = E[r] and covariances over the fitting rows, the minimiser of
//     |x dW^T + db - r|^2 + lambda |dW|^2,   lambda = strength * mean diagonal of Cov(x, x)
// is dW^T = (Cov(x, x) + lambda I)^-1 Cov(x, r), db = e - dW d (ridge regression: Hoerl and Kennard, Technometrics 12,
// 1970). dW = 0, db = e is the fold of the mean into the bias.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stac/convert/sample_use.hpp"
#include "stac/model/weights.hpp"

namespace stac::convert {

class BlockCholesky;

/// A candidate for the projection, and what it leaves: mean squared error over mean squared target, on held-out rows.
struct RefitCandidate {
  std::string name;            ///< "raw", "fold", "refit"
  double strength = 0.0;       ///< of the ridge; 0 for raw and fold
  std::vector<double> errors;  ///< on the judging rows, on the witnesses where there are any
  model::Projection projection;

  /// The largest of them.
  [[nodiscard]] double error() const;
};

struct Refit {
  RefitCandidate raw, fold;
  RefitCandidate refit;   ///< the best strength; its projection is undefined where no system could be solved
  bool singular = false;  ///< a strength was left out because its system could not be solved

  /// The furthest of raw, fold and refit that does no harm: each takes its forerunner's place where its error is larger
  /// on no held-out text and smaller on one.
  [[nodiscard]] const RefitCandidate& best() const;
};

class RidgeRefit {
 public:
  /// @param old  the projection as it is: weight f32 [out, in]
  explicit RidgeRefit(model::Projection old);

  /// Rows to fit are added to sums, so that memory does not grow with them; products are f32, sums f64. Of judging rows
  /// and of witnesses the first kMostJudges are kept.
  /// @param replaced  f32 [rows, in]: x
  /// @param original  f32 [rows, in]: g
  void add(const at::Tensor& replaced, const at::Tensor& original, SampleUse use);

  static constexpr double kUsualStrength = 1e-2;

  /// Tries strengths from a likely one on, as long as they get better, and judges each on the rows added for that,
  /// against the fold: of a strength counts the text on which it fares worst, at up to 192 outputs, evenly spaced.
  /// @param likely_strength  1e-3, 1e-2, 1e-1 or 1: what a projection like this one took
  /// @throws std::logic_error  no rows to fit or to judge with, or another strength
  [[nodiscard]] Refit solve(double likely_strength = kUsualStrength);

 private:
  static constexpr std::int64_t kMostJudges = 1024, kMostWaiting = 1024;

  /// Of the projection; what is undefined stays.
  struct Change {
    at::Tensor weight;   ///< f32 [outputs, in]
    at::Tensor bias;     ///< f32 [outputs]
    at::Tensor outputs;  ///< int64: those that are looked at; undefined: all
  };

  /// Fitting rows that wait for their block to fill.
  struct Waiting {
    at::Tensor inputs, changes;  ///< f32 [kMostWaiting, in]: x, g - x
    std::int64_t rows = 0;
  };

  struct HeldOut {
    std::vector<at::Tensor> inputs, residuals;
    std::int64_t rows = 0;
    double target_squares = 0.0;  ///< sum of |W g|^2
  };

  void sum_waiting();
  void keep(HeldOut& kept, const at::Tensor& replaced, const at::Tensor& original) const;
  [[nodiscard]] std::vector<double> errors(const Change& change) const;
  [[nodiscard]] RefitCandidate candidate(const char* name, double strength, const Change& change) const;
  /// @param system   Cov(x, x) + lambda I
  /// @param outputs  as Change's
  [[nodiscard]] Change fitted(const BlockCholesky& system, const at::Tensor& cross, const at::Tensor& outputs) const;

  model::Projection old_;
  Waiting waiting_;
  std::int64_t rows_ = 0;
  at::Tensor input_sum_;      ///< f64 [in]: sum of x
  at::Tensor residual_sum_;   ///< f64 [out]: sum of r
  at::Tensor input_squares_;  ///< f64 [in, in]: sum of x x^T
  at::Tensor cross_;          ///< f64 [out, in]: sum of r x^T
  std::map<SampleUse, HeldOut> held_out_;
};

}  // namespace stac::convert
