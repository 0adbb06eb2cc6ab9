// Runs a template's tree.
#pragma once
#include <map>
#include <string>

#include "text/jinja/ast.hpp"
#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// @param variables  what the template sees under these names
/// @throws TemplateError  with line and column: a value that does not fit, raise_exception, too much work or text
[[nodiscard]] std::string render(const Body& body, std::map<std::string, Value> variables);

}  // namespace stac::text::jinja
