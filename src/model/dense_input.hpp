// Checks a forward pass's input before anything is computed, and fills in what the caller left out.
#pragma once
#include "stac/model/decoder.hpp"

namespace stac::model {

/// @param past  positions that the cache holds
/// @return the input with position_ids defined, [batch, new]
/// @throws stac::Error, std::invalid_argument  as DecoderImpl::forward
[[nodiscard]] DenseInput completed(const DenseInput& input, std::int64_t past, const TransformerConfig& config);

}  // namespace stac::model
