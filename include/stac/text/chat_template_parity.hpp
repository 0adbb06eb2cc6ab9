// Compares our rendering of chat templates with a file that transformers' apply_chat_template wrote.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "stac/text/parity_mismatch.hpp"

namespace stac::text {

struct TemplateParityReport {
  std::int64_t lines = 0;             ///< compared; blank lines do not count
  std::int64_t text_mismatches = 0;   ///< lines that render another text, or none
  std::int64_t error_mismatches = 0;  ///< lines that should fail and do not, or fail with another message
  std::vector<ParityMismatch> mismatches;
  [[nodiscard]] bool ok() const { return mismatches.empty(); }
};

/// Lines are {"template": string, "messages": [object, ...], "add_generation_prompt": bool, "bos_token": string or
/// null, "eos_token": string or null, "expected": string or null, "error": string or null}. A token that is null is
/// undefined to the template. Where `expected` is null the template must fail, with a message that holds `error` (any
/// message where that is null too).
/// @throws stac::Error naming file and line: not JSON, a field missing or of the wrong type, both `expected` and
///         `error`, tools or documents (which we do not render); an empty file
[[nodiscard]] TemplateParityReport check_chat_template_parity(const std::filesystem::path& file);

}  // namespace stac::text
