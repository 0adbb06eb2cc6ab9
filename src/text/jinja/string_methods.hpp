// Methods of Python's str.
#pragma once
#include <string_view>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// @param self  a string
using StringMethod = Value (*)(const Value& self, const Arguments& arguments);

/// Null where there is none of that name.
[[nodiscard]] StringMethod find_string_method(std::string_view name);

/// str.replace; `count` < 0 replaces all.
/// @throws ValueError  the result is too long
[[nodiscard]] std::string replace_text(const std::string& text, const std::string& old, const std::string& fresh,
                                       std::int64_t count);

/// `separator`.join(items)
[[nodiscard]] std::string join_text(const Value::Items& items, const std::string& separator);

}  // namespace stac::text::jinja
