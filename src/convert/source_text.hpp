// The text side of a checkpoint: its tokenizer and chat template, checked against its weights.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stac/io/checkpoint.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::convert {

/// @throws stac::Error  no tokenizer, a broken one, or one with an id that is not below vocab_size
[[nodiscard]] std::unique_ptr<const text::Tokenizer> load_fitting_tokenizer(const io::Checkpoint& checkpoint,
                                                                            std::int64_t vocab_size);

/// What a user should know of tokenizer and chat template, one sentence each; a checkpoint may have neither.
/// @throws stac::Error  as load_fitting_tokenizer, where there are tokenizer files
[[nodiscard]] std::vector<std::string> text_warnings(const io::Checkpoint& checkpoint, std::int64_t vocab_size);

}  // namespace stac::convert
