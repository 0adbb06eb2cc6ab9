// A template's source as a tree of statements.
#pragma once
#include <string_view>

#include "text/jinja/ast.hpp"

namespace stac::text::jinja {

/// @param source  valid UTF-8
/// @throws TemplateError  with line and column
[[nodiscard]] Body parse_template(std::string_view source);

}  // namespace stac::text::jinja
