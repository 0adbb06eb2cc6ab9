// tokenizer.json, the format of the tokenizers library.
#pragma once
#include <filesystem>
#include <memory>

#include "text/pipeline/pipeline_tokenizer.hpp"

namespace stac::text {

/// @throws stac::Error naming the file and the component: broken, or not supported
[[nodiscard]] std::unique_ptr<PipelineTokenizer> load_tokenizer_json(const std::filesystem::path& file);

}  // namespace stac::text
