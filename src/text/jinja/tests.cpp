// Tests: x is name.
#include <unordered_map>

#include "text/jinja/error.hpp"
#include "text/jinja/filters.hpp"
#include "text/jinja/operations.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

using TestFunction = bool (*)(const Value& input, const Arguments& arguments);

/// A test of the value alone.
template <auto property>
bool property_test(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return property(input);
}

template <CompareOperator op>
bool compare_test(const Value& input, const Arguments& arguments) {
  arguments.allow(1);
  return compare(op, input, arguments.require(0, "other"));
}

bool defined(const Value& v) { return !v.is_undefined(); }
bool undefined(const Value& v) { return v.is_undefined(); }
bool none(const Value& v) { return v.is_none(); }
bool string(const Value& v) { return v.is_string(); }
bool mapping(const Value& v) { return v.is_mapping(); }
bool number(const Value& v) { return v.is_number(); }
bool integer(const Value& v) { return v.is_integer() && !v.is_bool(); }
bool real(const Value& v) { return v.is_float(); }
bool boolean(const Value& v) { return v.is_bool(); }
bool is_true(const Value& v) { return v.is_bool() && v.truthy(); }
bool is_false(const Value& v) { return v.is_bool() && !v.truthy(); }
bool callable(const Value& v) {
  return v.is_callable() || v.is_undefined();
}  // Jinja's undefined can be called, to fail
bool upper(const Value& v) { return has_case(to_text(v), true); }
bool lower(const Value& v) { return has_case(to_text(v), false); }

/// Jinja asks for a length and elements, so that strings, dicts and undefined values count.
bool sequence(const Value& v) { return v.is_string() || v.is_indexed() || v.is_mapping() || v.is_undefined(); }
bool iterable(const Value& v) { return sequence(v) || v.is_sequence(); }

bool leaves(const Value& value, const Value& divisor, std::int64_t rest) {
  if (value.is_string()) throw ValueError("not all arguments converted during string formatting");
  return equal(arithmetic(BinaryOperator::modulo, value, divisor), Value(rest));
}
bool odd(const Value& v) { return leaves(v, Value(std::int64_t{2}), 1); }
bool even(const Value& v) { return leaves(v, Value(std::int64_t{2}), 0); }

bool divisible_by(const Value& input, const Arguments& arguments) {
  arguments.allow(1);
  return leaves(input, arguments.require(0, "num"), 0);
}

/// Python's `is`: the same object; for values without identity, the same kind and equal.
bool same_as(const Value& input, const Arguments& arguments) {
  arguments.allow(1);
  const Value& other = arguments.require(0, "other");
  if (input.is_bool() != other.is_bool() || input.is_float() != other.is_float()) return false;
  if (input.is_sequence() && other.is_sequence()) return &input.as_sequence() == &other.as_sequence();
  if (input.is_mapping() && other.is_mapping()) return &input.as_mapping() == &other.as_mapping();
  return equal(input, other);
}

const std::unordered_map<std::string, TestFunction>& tests() {
  static const std::unordered_map<std::string, TestFunction> table = {
      {"defined", property_test<defined>},
      {"undefined", property_test<undefined>},
      {"none", property_test<none>},
      {"string", property_test<string>},
      {"mapping", property_test<mapping>},
      {"sequence", property_test<sequence>},
      {"iterable", property_test<iterable>},
      {"number", property_test<number>},
      {"integer", property_test<integer>},
      {"float", property_test<real>},
      {"boolean", property_test<boolean>},
      {"true", property_test<is_true>},
      {"false", property_test<is_false>},
      {"callable", property_test<callable>},
      {"upper", property_test<upper>},
      {"lower", property_test<lower>},
      {"odd", property_test<odd>},
      {"even", property_test<even>},
      {"divisibleby", divisible_by},
      {"sameas", same_as},
      {"eq", compare_test<CompareOperator::equal>},
      {"equalto", compare_test<CompareOperator::equal>},
      {"==", compare_test<CompareOperator::equal>},
      {"ne", compare_test<CompareOperator::not_equal>},
      {"!=", compare_test<CompareOperator::not_equal>},
      {"lt", compare_test<CompareOperator::less>},
      {"lessthan", compare_test<CompareOperator::less>},
      {"<", compare_test<CompareOperator::less>},
      {"le", compare_test<CompareOperator::less_equal>},
      {"<=", compare_test<CompareOperator::less_equal>},
      {"gt", compare_test<CompareOperator::greater>},
      {"greaterthan", compare_test<CompareOperator::greater>},
      {">", compare_test<CompareOperator::greater>},
      {"ge", compare_test<CompareOperator::greater_equal>},
      {">=", compare_test<CompareOperator::greater_equal>},
      {"in", compare_test<CompareOperator::in>}};
  return table;
}

}  // namespace

bool apply_test(const std::string& name, const Value& input, const Arguments& arguments) {
  const auto found = tests().find(name);
  if (found == tests().end()) throw ValueError("No test named '" + name + "'.");
  return found->second(input, arguments);
}

bool is_test(const std::string& name) { return tests().contains(name); }

}  // namespace stac::text::jinja
