// Functions that every template sees: range, dict, namespace, raise_exception, strftime_now.
#pragma once
#include <map>
#include <string>

#include "text/jinja/value.hpp"
#include "text/jinja/work.hpp"

namespace stac::text::jinja {

/// @param work  makes the namespaces, and must outlive the functions
[[nodiscard]] std::map<std::string, Value> global_functions(Work& work);

}  // namespace stac::text::jinja
