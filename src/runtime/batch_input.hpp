// What a forward of the processor is given, checked.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "stac/runtime/conversation_cache.hpp"

namespace stac::runtime {

/// int64 [B, S], contiguous. @throws stac::Error
[[nodiscard]] at::Tensor checked_ids(const at::Tensor& ids);

/// One id a row, as given or counted. @throws stac::Error  another number than rows, or one twice
[[nodiscard]] std::vector<ConversationId> checked_conversations(const std::vector<ConversationId>& given,
                                                                std::int64_t rows);

/// How many of each row's new places are padding.
/// @param mask    [B, S], or [B, C + S] with C the largest of `cached`; not given: none are
/// @param cached  [B], tokens that a row has cached
/// @throws stac::Error
[[nodiscard]] std::vector<std::int64_t> padding_of_rows(const at::Tensor& ids, const std::optional<at::Tensor>& mask,
                                                        const std::vector<std::int64_t>& cached);

}  // namespace stac::runtime
