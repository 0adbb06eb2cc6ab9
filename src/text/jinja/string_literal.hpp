// Escapes in a template's string literals: Python's.
#pragma once
#include <string>
#include <string_view>

#include "text/jinja/error.hpp"

namespace stac::text::jinja {

/// @throws TemplateError  an escape that is cut off or names no character
[[nodiscard]] std::string unescape(std::string_view literal, const Location& where);

}  // namespace stac::text::jinja
