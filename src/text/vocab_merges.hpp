// vocab.json and merges.txt: GPT-2's own files.
#pragma once
#include <filesystem>
#include <memory>

#include "stac/text/tokenizer_config.hpp"
#include "text/pipeline/pipeline_tokenizer.hpp"

namespace stac::text {

/// `<|endoftext|>` is special where the vocabulary has it, and begins and ends texts.
/// @throws stac::Error naming file and rule
[[nodiscard]] std::unique_ptr<PipelineTokenizer> load_vocab_and_merges(const std::filesystem::path& vocab,
                                                                       const std::filesystem::path& merges,
                                                                       const TokenizerConfig& config);

}  // namespace stac::text
