#include "text/jinja/operations.hpp"

#include <algorithm>
#include <cmath>

#include "text/jinja/error.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

constexpr std::size_t longest_list = 1'000'000;

[[noreturn]] void unsupported(const char* symbol, const Value& a, const Value& b) {
  throw ValueError("unsupported operand type(s) for " + std::string(symbol) + ": '" + a.type_name() + "' and '" +
                   b.type_name() + "'");
}

/// What + and * join and repeat beside strings.
bool is_concatenable(const Value& value) {
  return value.is_sequence() &&
         (value.as_sequence().kind == SequenceKind::list || value.as_sequence().kind == SequenceKind::tuple);
}

[[noreturn]] void too_large() { throw ValueError("a whole number does not fit in 64 bits"); }

Value add(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) {
    Text text;
    text += a.as_string();
    text += b.as_string();
    return text.take();
  }
  if (is_concatenable(a) && is_concatenable(b) && a.as_sequence().kind == b.as_sequence().kind) {
    Value::Items items = a.as_sequence().items;
    const Value::Items& more = b.as_sequence().items;
    if (items.size() + more.size() > longest_list) throw ValueError("the list gets too long");
    items.insert(items.end(), more.begin(), more.end());
    return Value::sequence(std::move(items), a.as_sequence().kind);
  }
  if (a.is_string() || is_concatenable(a)) {
    throw ValueError("can only concatenate " + a.type_name() + " (not \"" + b.type_name() + "\") to " + a.type_name());
  }
  if (!a.is_number() || !b.is_number()) unsupported("+", a, b);
  if (!a.is_integer() || !b.is_integer()) return a.as_float() + b.as_float();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.as_integer(), b.as_integer(), &sum)) too_large();
  return sum;
}

Value subtract(const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) unsupported("-", a, b);
  if (!a.is_integer() || !b.is_integer()) return a.as_float() - b.as_float();
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.as_integer(), b.as_integer(), &difference)) too_large();
  return difference;
}

Value repeat(const Value& value, std::int64_t times) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  if (value.is_string()) {
    Text text;
    for (std::size_t i = 0; i < count && !value.as_string().empty(); ++i) text += value.as_string();
    return text.take();
  }
  Value::Items items;
  const Value::Items& once = value.as_sequence().items;
  for (std::size_t i = 0; i < count && !once.empty(); ++i) {
    if (items.size() + once.size() > longest_list) throw ValueError("the list gets too long");
    items.insert(items.end(), once.begin(), once.end());
  }
  return Value::sequence(std::move(items), value.as_sequence().kind);
}

Value multiply(const Value& a, const Value& b) {
  const auto repeats = [](const Value& v) { return v.is_string() || is_concatenable(v); };
  if (repeats(a) && b.is_integer()) return repeat(a, b.as_integer());
  if (a.is_integer() && repeats(b)) return repeat(b, a.as_integer());
  if (repeats(a) || repeats(b)) {
    throw ValueError("can't multiply sequence by non-int of type '" + (repeats(a) ? b : a).type_name() + "'");
  }
  if (!a.is_number() || !b.is_number()) unsupported("*", a, b);
  if (!a.is_integer() || !b.is_integer()) return a.as_float() * b.as_float();
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a.as_integer(), b.as_integer(), &product)) too_large();
  return product;
}

/// Quotient rounded down, and a remainder of the divisor's sign.
Value divide_whole(BinaryOperator op, const Value& a, const Value& b) {
  if (!a.is_integer() || !b.is_integer()) {
    const double quotient = std::floor(a.as_float() / b.as_float());
    if (op == BinaryOperator::floor_divide) return quotient;
    const double rest = std::fmod(a.as_float(), b.as_float());
    return rest != 0 && (rest < 0) != (b.as_float() < 0) ? rest + b.as_float() : rest;
  }
  const std::int64_t x = a.as_integer();
  const std::int64_t y = b.as_integer();
  if (y == -1) return op == BinaryOperator::modulo ? Value(std::int64_t{0}) : negate(a);
  const bool adjust = x % y != 0 && (x % y < 0) != (y < 0);
  if (op == BinaryOperator::floor_divide) return x / y - (adjust ? 1 : 0);
  return x % y + (adjust ? y : 0);
}

/// Python's four messages.
const char* by_zero(BinaryOperator op, bool integers) {
  if (op == BinaryOperator::divide) return integers ? "division by zero" : "float division by zero";
  if (op == BinaryOperator::modulo) return integers ? "integer modulo by zero" : "float modulo";
  return integers ? "integer division or modulo by zero" : "float floor division by zero";
}

Value divide(BinaryOperator op, const Value& a, const Value& b) {
  if (op == BinaryOperator::modulo && a.is_string()) throw ValueError("formatting with % is not supported");
  const bool whole = op == BinaryOperator::floor_divide;
  if (!a.is_number() || !b.is_number()) unsupported(whole ? "//" : op == BinaryOperator::divide ? "/" : "%", a, b);
  if (b.as_float() == 0) throw ValueError(by_zero(op, a.is_integer() && b.is_integer()));
  if (op == BinaryOperator::divide) return a.as_float() / b.as_float();
  return divide_whole(op, a, b);
}

Value real_power(double base, double exponent) {
  if (base == 0 && exponent < 0) throw ValueError("0.0 cannot be raised to a negative power");
  const double result = std::pow(base, exponent);
  if (std::isnan(result) && !std::isnan(base) && !std::isnan(exponent)) {
    throw ValueError("complex numbers are not supported");
  }
  const bool finite = std::isfinite(base) && std::isfinite(exponent);
  if (std::isinf(result) && finite) throw ValueError("(34, 'Numerical result out of range')");
  return result;
}

Value power(const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) unsupported("** or pow()", a, b);
  if (!a.is_integer() || !b.is_integer() || b.as_integer() < 0) return real_power(a.as_float(), b.as_float());
  Value result(std::int64_t{1});
  Value square = a;
  for (std::int64_t rest = b.as_integer(); rest > 0; rest /= 2) {
    if (rest % 2 == 1) result = multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return result;
}

Value concat(const Value& a, const Value& b) {
  Text text;
  text += to_text(a);
  text += to_text(b);
  return text.take();
}

struct Range {
  std::int64_t begin, end, step;
};

/// A bound as Python clips it into 0..length (or -1..length-1 for steps backwards).
std::int64_t clip_bound(const Value& bound, std::int64_t otherwise, std::int64_t length, bool backwards) {
  if (bound.is_none() || bound.is_undefined()) return otherwise;
  if (!bound.is_integer()) throw ValueError("slice indices must be integers or None or have an __index__ method");
  std::int64_t at = bound.as_integer();
  if (at < 0) at = at < -length ? -1 : at + length;
  if (bound.as_integer() < 0 && at < 0) return backwards ? -1 : 0;
  return std::min(at, backwards ? length - 1 : length);
}

Range resolve(const Value& begin, const Value& end, const Value& step, std::int64_t length) {
  const bool has_step = !step.is_none() && !step.is_undefined();
  if (has_step && !step.is_integer()) {
    throw ValueError("slice indices must be integers or None or have an __index__ method");
  }
  const std::int64_t stride = has_step ? std::clamp<std::int64_t>(step.as_integer(), -(length + 1), length + 1) : 1;
  if (stride == 0) throw ValueError("slice step cannot be zero");
  const bool backwards = stride < 0;
  return {clip_bound(begin, backwards ? length - 1 : 0, length, backwards),
          clip_bound(end, backwards ? -1 : length, length, backwards), stride};
}

}  // namespace

Value negate(const Value& value) {
  if (value.is_float()) return -value.as_float();
  require_defined(value);
  if (!value.is_integer()) throw ValueError("bad operand type for unary -: '" + value.type_name() + "'");
  std::int64_t negative = 0;
  if (__builtin_sub_overflow(std::int64_t{0}, value.as_integer(), &negative)) too_large();
  return negative;
}

namespace {

/// b < a; what cannot be compared is named in the order in which it is written.
bool greater(const Value& a, const Value& b, const char* symbol) {
  const bool comparable = (a.is_number() && b.is_number()) || (a.is_string() && b.is_string()) ||
                          (is_concatenable(a) && is_concatenable(b) && a.as_sequence().kind == b.as_sequence().kind);
  return comparable ? less(b, a, symbol) : less(a, b, symbol);
}

}  // namespace

Value arithmetic(BinaryOperator op, const Value& a, const Value& b) {
  if (op == BinaryOperator::concat) return concat(a, b);
  require_defined(a);
  require_defined(b);
  switch (op) {
    case BinaryOperator::add:
      return add(a, b);
    case BinaryOperator::subtract:
      return subtract(a, b);
    case BinaryOperator::multiply:
      return multiply(a, b);
    case BinaryOperator::power:
      return power(a, b);
    default:
      return divide(op, a, b);
  }
}

bool compare(CompareOperator op, const Value& a, const Value& b) {
  switch (op) {
    case CompareOperator::equal:
      return equal(a, b);
    case CompareOperator::not_equal:
      return !equal(a, b);
    case CompareOperator::less:
      return less(a, b);
    case CompareOperator::less_equal:
      return less(a, b, "<=") || equal(a, b);
    case CompareOperator::greater:
      return greater(a, b, ">");
    case CompareOperator::greater_equal:
      return greater(a, b, ">=") || equal(a, b);
    case CompareOperator::in:
      return contains(b, a);
    default:
      return !contains(b, a);
  }
}

Value element(const Value& object, const Value& index) {
  require_defined(object);
  if (object.is_mapping()) {
    if (index.is_mapping() || index.type_name() == "list") return no_element(object, index);
    const Value* found = object.as_mapping().find(index);
    return found ? *found : no_element(object, index);
  }
  if (!index.is_integer() || (!object.is_string() && !object.is_indexed())) return no_element(object, index);
  const Value::Items characters = object.is_string() ? iterate(object) : Value::Items();
  const Value::Items& items = object.is_string() ? characters : object.as_sequence().items;
  const auto length = static_cast<std::int64_t>(items.size());
  const std::int64_t at = index.as_integer() < 0 ? index.as_integer() + length : index.as_integer();
  if (at < 0 || at >= length) return no_element(object, index);
  return items[static_cast<std::size_t>(at)];
}

Value slice(const Value& object, const Value& begin, const Value& end, const Value& step) {
  require_defined(object);
  if (object.is_mapping()) throw ValueError("unhashable type: 'slice'");
  if (!object.is_string() && !object.is_indexed()) {
    throw ValueError("'" + object.type_name() + "' object is not subscriptable");
  }
  const Value::Items items = iterate(object);
  const Range range = resolve(begin, end, step, static_cast<std::int64_t>(items.size()));
  Value::Items chosen;
  for (std::int64_t i = range.begin; range.step > 0 ? i < range.end : i > range.end; i += range.step) {
    chosen.push_back(items[static_cast<std::size_t>(i)]);
  }
  if (object.type_name() == "range") return Value::sequence(std::move(chosen), SequenceKind::range);
  if (object.is_sequence()) return Value::sequence(std::move(chosen), object.as_sequence().kind);
  Text text;
  for (const Value& character : chosen) text += character.as_string();
  return text.take();
}

}  // namespace stac::text::jinja
