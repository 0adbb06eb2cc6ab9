// Checks against files that other libraries made.
#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/error.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/model/parity.hpp"
#include "stac/text/chat_template_parity.hpp"
#include "stac/text/tokenizer_parity.hpp"

namespace stac::eval {
namespace {

void add_details(CheckResult& result, const std::vector<text::ParityMismatch>& mismatches) {
  for (const text::ParityMismatch& mismatch : mismatches) {
    result.details.push_back("line " + std::to_string(mismatch.line) + ": " + mismatch.what);
  }
}

}  // namespace

CheckResult check_parity(const convert::OpenedModel& model, const std::filesystem::path& reference, double tolerance) {
  const model::LanguageModel* source = model.source();
  if (source == nullptr) {
    throw Error("there is no dense model to compare with " + reference.string() + ": " + model.source_missing_reason(),
                "give the checkpoint as --model, or as --dense");
  }
  const auto store = io::SafetensorsFile::open(reference);
  const model::ParityReport report = model::compare_with_reference(*source, *store, tolerance);
  const std::string measured =
      formatted("max abs error %.3g, top-1 agreement %.2f%% of %lld, %lld greedy tokens", report.max_abs_error,
                100.0 * report.top1_agreement, static_cast<long long>(report.positions),
                static_cast<long long>(report.greedy_tokens));
  const std::string bar = formatted("error <= %g, greedy tokens the same", tolerance);
  CheckResult result = judged(report.passed(), measured, bar);
  result.name = "parity";
  if (const auto& at = report.first_mismatch) {
    result.details.push_back("first top-1 mismatch: row " + std::to_string(at->row) + ", position " +
                             std::to_string(at->position) + ": ours " + std::to_string(at->ours) + ", reference " +
                             std::to_string(at->reference));
  }
  if (const auto& at = report.first_greedy_mismatch) {
    result.details.push_back("first greedy mismatch: position " + std::to_string(at->position) + ": ours " +
                             std::to_string(at->ours) + ", reference " + std::to_string(at->reference));
  }
  return result;
}

CheckResult check_tokenizer_parity(const std::filesystem::path& folder, const std::filesystem::path& reference) {
  const auto tokenizer = text::load_tokenizer(folder);
  const text::ParityReport report = text::check_tokenizer_parity(*tokenizer, reference);
  CheckResult result =
      judged(report.ok(),
             std::to_string(report.lines) + " lines, " + std::to_string(report.ids_mismatches) + " with other ids, " +
                 std::to_string(report.decoded_mismatches) + " decoded otherwise",
             "no difference");
  result.name = "tokenizer-parity";
  add_details(result, report.mismatches);
  return result;
}

CheckResult check_chat_template_parity(const std::filesystem::path& reference) {
  const text::TemplateParityReport report = text::check_chat_template_parity(reference);
  CheckResult result =
      judged(report.ok(),
             std::to_string(report.lines) + " lines, " + std::to_string(report.text_mismatches) +
                 " with another text, " + std::to_string(report.error_mismatches) + " with another error",
             "no difference");
  result.name = "chat-template-parity";
  add_details(result, report.mismatches);
  return result;
}

}  // namespace stac::eval
