// The stages of a tokenizer.json around its model. Each is supported as the tokenizers library means it, or refused by
// name: a stage left out would give other ids.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "text/normalizer.hpp"
#include "text/pre_tokenizer.hpp"

namespace stac::text {

/// All throw stac::Error naming the component where it is broken or not supported.
[[nodiscard]] std::unique_ptr<Normalizer> parse_normalizer(const nlohmann::json& component);
[[nodiscard]] std::vector<std::unique_ptr<PreTokenizer>> parse_pre_tokenizers(const nlohmann::json& component);
void check_decoder(const nlohmann::json& component);

/// Whether the file begins each text with a special token; encode() itself never does.
[[nodiscard]] bool post_processor_adds_bos(const nlohmann::json& component);

}  // namespace stac::text
