// Arithmetic, indexing and slicing of values: Python's.
#pragma once
#include "text/jinja/ast.hpp"
#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// All throw ValueError where the kinds do not fit or a result is too large.
[[nodiscard]] Value negate(const Value& value);
[[nodiscard]] Value arithmetic(BinaryOperator op, const Value& a, const Value& b);
[[nodiscard]] bool compare(CompareOperator op, const Value& a, const Value& b);

/// object[index]: an undefined value where there is none.
[[nodiscard]] Value element(const Value& object, const Value& index);

/// object[begin:end:step]; undefined bounds and none are left out.
[[nodiscard]] Value slice(const Value& object, const Value& begin, const Value& end, const Value& step);

}  // namespace stac::text::jinja
