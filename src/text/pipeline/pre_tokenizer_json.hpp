// The "pre_tokenizer" of a tokenizer.json.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "text/pipeline/pre_tokenizer.hpp"

namespace stac::text {

/// @return the stages in order; none: a text is one word
/// @throws stac::Error naming the component where it is broken or not supported
[[nodiscard]] std::vector<std::unique_ptr<const PreTokenizer>> parse_pre_tokenizers(const nlohmann::json& component);

}  // namespace stac::text
