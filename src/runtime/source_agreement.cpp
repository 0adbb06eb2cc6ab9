#include "stac/runtime/source_agreement.hpp"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace stac::runtime {
namespace {

using Row = std::span<const float>;

double top_two_gap(Row logits) {
  if (logits.size() < 2) return 0;
  float first = std::max(logits[0], logits[1]);
  float second = std::min(logits[0], logits[1]);
  for (const float logit : logits.subspan(2)) {
    second = std::max(second, std::min(first, logit));
    first = std::max(first, logit);
  }
  return static_cast<double>(first) - second;
}

// What the source says to `text`, token by token: the rows of logits that choose `wanted`'s tokens, one after another.
class SourceLogits {
 public:
  SourceLogits(CachedSequence& source, std::span<const std::int64_t> prompt, std::span<const std::int64_t> wanted) {
    const auto cached = static_cast<std::size_t>(source.align(prompt));
    first_ = source.append(prompt.subspan(cached), model::LogitRows::last).contiguous();
    if (wanted.size() > 1) rest_ = source.append(wanted.first(wanted.size() - 1), model::LogitRows::all).contiguous();
  }

  [[nodiscard]] Row row(std::size_t index) const {
    if (index == 0) return {first_.data_ptr<float>(), static_cast<std::size_t>(first_.size(-1))};
    const auto width = static_cast<std::size_t>(rest_.size(-1));
    return {rest_.data_ptr<float>() + (index - 1) * width, width};
  }

 private:
  at::Tensor first_, rest_;
};

}  // namespace

std::optional<Difference> first_difference(CachedSequence& source, const Answer& answer,
                                           const GenerationOptions& options) {
  if (options.sampling.temperature != 0) {
    throw UsageError("only greedy answers can be compared with the source's", "use temperature 0");
  }
  std::vector<std::int64_t> wanted = answer.generated.ids;
  if (answer.generated.stop_id) wanted.push_back(*answer.generated.stop_id);
  if (wanted.empty()) return std::nullopt;
  const SourceLogits logits(source, answer.prompt_ids, wanted);
  std::vector<std::int64_t> text = answer.prompt_ids;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    Row row = logits.row(i);
    if (options.vocabulary) row = row.first(std::min(row.size(), static_cast<std::size_t>(*options.vocabulary)));
    const auto position = static_cast<std::int64_t>(text.size());
    const std::int64_t choice = choose_token(row, text, position, options.sampling);
    if (choice != wanted[i]) return Difference{static_cast<std::int64_t>(i), choice, wanted[i], top_two_gap(row)};
    text.push_back(choice);
  }
  return std::nullopt;
}

}  // namespace stac::runtime
