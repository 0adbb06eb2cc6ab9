// Does a model compute what transformers computed? Compares with a reference file that a user made.
#pragma once
#include <cstdint>
#include <optional>

#include "stac/io/tensor_store.hpp"
#include "stac/model/language_model.hpp"

namespace stac::model {

/// One position whose largest logit is another one than the reference's.
struct TopMismatch {
  std::int64_t row, position;
  std::int64_t ours, reference;  ///< token ids
};

struct GreedyMismatch {
  std::int64_t position;         ///< in greedy_ids, counted from its first id
  std::int64_t ours, reference;  ///< token ids
};

struct ParityReport {
  std::int64_t positions = 0;      ///< compared, rows x length
  double max_abs_error = 0;        ///< over all logits
  double top1_agreement = 0;       ///< share of positions with the same largest logit
  std::int64_t greedy_tokens = 0;  ///< continuation tokens compared
  double tolerance = 0;
  std::optional<TopMismatch> first_mismatch;
  std::optional<GreedyMismatch> first_greedy_mismatch;

  /// Within tolerance, and every greedy token the same. A NaN is not within tolerance.
  [[nodiscard]] bool passed() const;
};

/// @param reference  input_ids int64 [B, S], logits f32 [B, S, vocab], greedy_ids int64 [1, N]: a prompt of 12 ids and
///                   its greedy continuation, which no end-of-text token stops (scripts/make_reference.py). Other
///                   tensors are ignored
/// @param tolerance  largest max_abs_error that passes
/// @throws stac::Error naming file and tensor: missing, of another dtype or shape, ids that the model does not know,
///         more positions than it has
[[nodiscard]] ParityReport compare_with_reference(const LanguageModel& model, const io::TensorStore& reference,
                                                  double tolerance = 1e-3);

}  // namespace stac::model
