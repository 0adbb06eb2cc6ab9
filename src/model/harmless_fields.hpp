// Fields of config.json that say nothing about what a decoder's weights compute.
#pragma once
#include <string_view>

namespace stac::model {

/// What transformers' base configuration writes for training, generation, bookkeeping and other tasks, and what tools
/// add about themselves.
[[nodiscard]] bool is_harmless_field(std::string_view name);

}  // namespace stac::model
