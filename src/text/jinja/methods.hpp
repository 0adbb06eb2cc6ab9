// Attributes and methods of values: those of Python's str, list and dict that change nothing.
#pragma once
#include <string>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// object.name: a namespace's attribute, a method bound to the object, or a dict's element, in this order; an undefined
/// value where there is none.
/// @throws ValueError  the object itself is undefined
[[nodiscard]] Value attribute(const Value& object, const std::string& name);

/// What object.name is where there is no such attribute: undefined, and why.
[[nodiscard]] Value no_attribute(const Value& object, const std::string& name);

/// The same for object[index].
[[nodiscard]] Value no_element(const Value& object, const Value& index);

/// @throws ValueError  a name that no namespace may have
void require_attribute_name(const std::string& name);

}  // namespace stac::text::jinja
