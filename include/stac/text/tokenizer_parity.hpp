// Compares a tokenizer with a file that its reference wrote.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "stac/text/parity_mismatch.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::text {

struct ParityReport {
  std::int64_t lines = 0;               ///< compared; blank lines do not count
  std::int64_t ids_mismatches = 0;      ///< lines whose text gives other ids
  std::int64_t decoded_mismatches = 0;  ///< lines whose ids decode to another text
  std::vector<ParityMismatch> mismatches;
  [[nodiscard]] bool ok() const { return mismatches.empty(); }
};

/// Lines are {"text": string, "ids": [id, ...], "decoded": string}: ids without BOS and EOS, decoded with special
/// tokens kept.
/// @throws stac::Error naming file and line: not JSON, a field missing or of the wrong type; an empty file
[[nodiscard]] ParityReport check_tokenizer_parity(const Tokenizer& tokenizer, const std::filesystem::path& file);

}  // namespace stac::text
