// What a checkpoint's generation_config.json says about where answers end.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace stac::runtime {

/// eos_token_id of the folder's generation_config.json, a number or a list; empty where there is no such file or field.
/// These end an answer beside the config's and the tokenizer's: chat models list the end of a turn here.
/// @throws stac::Error naming file and field: not JSON, an id that is not a whole number >= 0
[[nodiscard]] std::vector<std::int64_t> generation_config_eos_ids(const std::filesystem::path& folder);

}  // namespace stac::runtime
