// Filters that look at the elements of a list, dict or string.
#pragma once
#include <string_view>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

using SequenceFilter = Value (*)(const Value& input, const Arguments& arguments);

/// Null where there is none of that name.
[[nodiscard]] SequenceFilter find_sequence_filter(std::string_view name);

}  // namespace stac::text::jinja
