// Filters (x|name) and tests (x is name): Jinja's, with transformers' own tojson.
#pragma once
#include <string>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// @throws ValueError  no such filter, or it does not take this input
[[nodiscard]] Value apply_filter(const std::string& name, const Value& input, const Arguments& arguments);

[[nodiscard]] bool is_filter(const std::string& name);
[[nodiscard]] bool is_test(const std::string& name);

/// @throws ValueError  no such test, or it does not take this input
[[nodiscard]] bool apply_test(const std::string& name, const Value& input, const Arguments& arguments);

}  // namespace stac::text::jinja
