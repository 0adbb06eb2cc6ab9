#include "stac/model/parity.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "stac/error.hpp"
#include "stac/model/tensors.hpp"

namespace stac::model {
namespace {

constexpr std::int64_t kPromptLength = 12;

at::Tensor read(const io::TensorStore& reference, const std::string& name, io::DType dtype, std::size_t axes) {
  const io::TensorView view = reference.tensor(name);
  if (view.dtype != dtype || view.shape.size() != axes) {
    throw Error(reference.file_of(name).filename().string() + ": tensor '" + name + "' must be " +
                    io::dtype_name(dtype) + " with " + std::to_string(axes) + " axes",
                "make the reference with scripts/make_reference.py");
  }
  return to_tensor(view, name).contiguous();
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Error("the reference: " + what, "make it from this checkpoint with scripts/make_reference.py");
}

std::span<const std::int64_t> ids_of(const at::Tensor& row) {
  return {row.data_ptr<std::int64_t>(), static_cast<std::size_t>(row.numel())};
}

/// Largest difference; infinite if a NaN takes part, so that no comparison can pass over it.
double max_abs_difference(const at::Tensor& a, const at::Tensor& b) {
  const auto largest = (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
  return std::isnan(largest) ? std::numeric_limits<double>::infinity() : largest;
}

void compare_logits(const LanguageModel& model, const io::TensorStore& reference, ParityReport& report) {
  const at::Tensor ids = read(reference, "input_ids", io::DType::i64, 2);
  const at::Tensor wanted = read(reference, "logits", io::DType::f32, 3);
  require(wanted.numel() > 0 && wanted.size(0) == ids.size(0) && wanted.size(1) == ids.size(1) &&
              wanted.size(2) == model.config().vocab_size,
          "logits must be [B, S, vocab_size] with input_ids [B, S]");
  std::int64_t agreeing = 0;
  const std::unique_ptr<Sequence> sequence = model.start();
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    sequence->reset();
    const at::Tensor logits = sequence->append(ids_of(ids[row]), LogitRows::all);
    report.max_abs_error = std::max(report.max_abs_error, max_abs_difference(logits, wanted[row]));
    const at::Tensor ours = logits.argmax(-1);
    const at::Tensor theirs = wanted[row].argmax(-1);
    const at::Tensor different = ours.ne(theirs).nonzero();
    agreeing += ids.size(1) - different.size(0);
    if (different.size(0) == 0 || report.first_mismatch) continue;
    const auto position = different[0][0].item<std::int64_t>();
    report.first_mismatch =
        TopMismatch{row, position, ours[position].item<std::int64_t>(), theirs[position].item<std::int64_t>()};
  }
  report.positions = ids.numel();
  report.top1_agreement = static_cast<double>(agreeing) / static_cast<double>(ids.numel());
}

/// Continues from the reference's prompt with the model's own choices, one token at a time.
void compare_greedy(const LanguageModel& model, const io::TensorStore& reference, ParityReport& report) {
  const at::Tensor wanted = read(reference, "greedy_ids", io::DType::i64, 2);
  require(wanted.size(0) == 1 && wanted.size(1) > kPromptLength, "greedy_ids must be [1, N] with N above 12");
  const std::span<const std::int64_t> ids = ids_of(wanted);
  const std::unique_ptr<Sequence> sequence = model.start();
  at::Tensor logits = sequence->append(ids.first(kPromptLength), LogitRows::last);
  for (std::int64_t position = kPromptLength; position < wanted.size(1); ++position) {
    const auto next = logits[-1].argmax().item<std::int64_t>();
    ++report.greedy_tokens;
    const std::int64_t theirs = ids[static_cast<std::size_t>(position)];
    if (next != theirs) {
      report.first_greedy_mismatch = GreedyMismatch{position, next, theirs};
      return;
    }
    if (position + 1 < wanted.size(1)) logits = sequence->append({&next, 1}, LogitRows::last);
  }
}

}  // namespace

bool ParityReport::passed() const { return max_abs_error <= tolerance && !first_greedy_mismatch; }

ParityReport compare_with_reference(const LanguageModel& model, const io::TensorStore& reference, double tolerance) {
  ParityReport report;
  report.tolerance = tolerance;
  compare_logits(model, reference, report);
  compare_greedy(model, reference, report);
  return report;
}

}  // namespace stac::model
