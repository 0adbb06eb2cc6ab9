// The keys that tokens see, counted one by one: what closed forms elsewhere are held against.
#pragma once
#include <cstdint>

#include "stac/model/config.hpp"

namespace stac::eval {

/// Keys that the token at this position sees in one layer.
[[nodiscard]] std::uint64_t keys_visible(const model::TransformerConfig& config, std::int64_t layer,
                                         std::int64_t position);

/// The same of the tokens first .. end - 1 in one layer, summed.
[[nodiscard]] std::uint64_t keys_visible(const model::TransformerConfig& config, std::int64_t layer, std::int64_t first,
                                         std::int64_t end);

/// The first token that a forward of tokens first .. end - 1 really reads: `first`, or 0 where one token more turns all
/// of them by other angles, so that the text is read again.
[[nodiscard]] std::int64_t first_read(const model::TransformerConfig& config, std::int64_t first, std::int64_t end);

}  // namespace stac::eval
