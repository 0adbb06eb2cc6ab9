#include "text/jinja/value.hpp"

#include <algorithm>
#include <cmath>

#include "text/jinja/error.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

constexpr int deepest_container = 100;  // so that printing, comparing and freeing a value cannot exhaust the stack
constexpr std::size_t longest_loop = 1'000'000;
constexpr int most_comparisons =
    5'000'000;  // lists that hold the same list many times over compare in exponential time

int checked_depth(int depth) {
  if (depth > deepest_container) throw ValueError("lists are nested too deeply");
  return depth;
}

int depth_of(const Value::Items& items) {
  int deepest = 0;
  for (const Value& item : items) deepest = std::max(deepest, item.depth());
  return checked_depth(deepest + 1);
}

bool equal_within(const Value& a, const Value& b, int& budget);
void require_hashable(const Value& key);

bool equal_numbers(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  return a.as_float() == b.as_float();
}

bool equal_sequences(const Sequence& a, const Sequence& b, int& budget) {
  return a.kind == b.kind && a.items.size() == b.items.size() &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(),
                    [&](const Value& x, const Value& y) { return equal_within(x, y, budget); });
}

bool equal_mappings(const Mapping& a, const Mapping& b, int& budget) {
  return a.pairs.size() == b.pairs.size() && std::all_of(a.pairs.begin(), a.pairs.end(), [&](const auto& pair) {
           const Value* other = b.find(pair.first);
           return other && equal_within(pair.second, *other, budget);
         });
}

bool equal_within(const Value& a, const Value& b, int& budget) {
  if (--budget < 0) throw ValueError("the comparison takes too long");
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.is_string() && b.is_string()) return a.as_string() == b.as_string();
  if (a.is_sequence() && b.is_sequence()) return equal_sequences(a.as_sequence(), b.as_sequence(), budget);
  if (a.is_mapping() && b.is_mapping()) return equal_mappings(a.as_mapping(), b.as_mapping(), budget);
  if (a.is_namespace() && b.is_namespace()) return &a.as_namespace() == &b.as_namespace();
  if (a.is_callable() && b.is_callable()) return &a.as_callable() == &b.as_callable();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

bool less_sequences(const Value::Items& a, const Value::Items& b, const char* symbol) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!equal(a[i], b[i])) return less(a[i], b[i], symbol);
  }
  return a.size() < b.size();
}

/// A dict's keys are values that cannot change.
void require_hashable(const Value& key) {
  const bool mutable_list = key.is_sequence() && key.as_sequence().kind == SequenceKind::list;
  if (mutable_list || key.is_mapping()) throw ValueError("unhashable type: '" + key.type_name() + "'");
  if (!key.is_sequence()) return;
  for (const Value& item : key.as_sequence().items) require_hashable(item);
}

std::string sequence_type(const Sequence& sequence) {
  switch (sequence.kind) {
    case SequenceKind::list:
      return "list";
    case SequenceKind::tuple:
      return "tuple";
    case SequenceKind::range:
      return "range";
    case SequenceKind::view:
      return sequence.name;
    default:
      return "generator";
  }
}

}  // namespace

Value Value::list(Items items) { return sequence(std::move(items), SequenceKind::list); }
Value Value::tuple(Items items) { return sequence(std::move(items), SequenceKind::tuple); }
Value Value::generator(Items items) { return sequence(std::move(items), SequenceKind::generator); }

Value Value::sequence(Items items, SequenceKind kind, std::string name) {
  const int depth = depth_of(items);
  Value value;
  value.data_ = std::make_shared<const Sequence>(Sequence{std::move(items), kind, depth, std::move(name)});
  return value;
}

bool Value::is_indexed() const {
  return is_sequence() && as_sequence().kind != SequenceKind::view && as_sequence().kind != SequenceKind::generator;
}

Value Value::dict(Pairs pairs) {
  Mapping mapping;
  for (auto& [key, item] : pairs) {
    require_hashable(key);
    mapping.depth = checked_depth(std::max(mapping.depth, item.depth() + 1));
    const auto known = std::find_if(mapping.pairs.begin(), mapping.pairs.end(),
                                    [&](const auto& pair) { return equal(pair.first, key); });
    if (known != mapping.pairs.end()) {
      known->second = std::move(item);
    } else {
      mapping.pairs.emplace_back(std::move(key), std::move(item));
    }
  }
  Value value;
  value.data_ = std::make_shared<const Mapping>(std::move(mapping));
  return value;
}

std::int64_t Value::as_integer() const {
  return is_bool() ? static_cast<std::int64_t>(std::get<bool>(data_)) : std::get<std::int64_t>(data_);
}

double Value::as_float() const { return is_float() ? std::get<double>(data_) : static_cast<double>(as_integer()); }

bool Value::truthy() const {
  if (is_undefined() || is_none()) return false;
  if (is_integer()) return as_integer() != 0;
  if (is_float()) return as_float() != 0.0;
  if (is_string()) return !as_string().empty();
  if (is_sequence()) return as_sequence().kind == SequenceKind::generator || !as_sequence().items.empty();
  if (is_mapping()) return !as_mapping().pairs.empty();
  return true;
}

std::string Value::type_name() const {
  if (is_undefined()) return "Undefined";
  if (is_none()) return "NoneType";
  if (is_bool()) return "bool";
  if (is_number()) return is_integer() ? "int" : "float";
  if (is_string()) return "str";
  if (is_sequence()) return sequence_type(as_sequence());
  if (is_mapping()) return "dict";
  return is_namespace() ? as_namespace().type : "function";
}

int Value::depth() const {
  if (is_sequence()) return as_sequence().depth;
  return is_mapping() ? as_mapping().depth : 0;
}

const Value* Mapping::find(const Value& key) const {
  require_hashable(key);
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return equal(pair.first, key); });
  return found == pairs.end() ? nullptr : &found->second;
}

const Value* Arguments::find(std::size_t position, std::string_view name) const {
  if (position < positional.size()) return &positional[position];
  const auto found = named.find(std::string(name));
  return found == named.end() ? nullptr : &found->second;
}

const Value& Arguments::require(std::size_t position, std::string_view name) const {
  const Value* value = find(position, name);
  if (!value) throw ValueError("the argument '" + std::string(name) + "' is missing");
  return *value;
}

void Arguments::allow(std::size_t count, std::initializer_list<std::string_view> names) const {
  if (positional.size() > count) {
    throw ValueError("takes " + std::to_string(count) + " arguments, not " + std::to_string(positional.size()));
  }
  for (const auto& [name, value] : named) {
    if (std::find(names.begin(), names.end(), name) == names.end()) throw ValueError("has no argument '" + name + "'");
  }
}

bool equal(const Value& a, const Value& b) {
  int budget = most_comparisons;
  return equal_within(a, b, budget);
}

void require_defined(const Value& value) {
  if (value.is_undefined()) throw ValueError(value.why_undefined());
}

bool less(const Value& a, const Value& b, const char* symbol) {
  require_defined(a);
  require_defined(b);
  if (a.is_integer() && b.is_integer()) return a.as_integer() < b.as_integer();
  if (a.is_number() && b.is_number()) return a.as_float() < b.as_float();
  if (a.is_string() && b.is_string()) return a.as_string() < b.as_string();  // UTF-8 sorts as its code points do
  const bool alike = a.is_sequence() && b.is_sequence() && a.as_sequence().kind == b.as_sequence().kind;
  const bool ordered =
      alike && (a.as_sequence().kind == SequenceKind::list || a.as_sequence().kind == SequenceKind::tuple);
  if (ordered) return less_sequences(a.as_sequence().items, b.as_sequence().items, symbol);
  throw ValueError("'" + std::string(symbol) + "' not supported between instances of '" + a.type_name() + "' and '" +
                   b.type_name() + "'");
}

bool contains(const Value& hay, const Value& needle) {
  if (hay.is_string()) {
    if (!needle.is_string()) {
      throw ValueError("'in <string>' requires string as left operand, not " + needle.type_name());
    }
    return hay.as_string().find(needle.as_string()) != std::string::npos;
  }
  if (hay.is_mapping()) return hay.as_mapping().find(needle) != nullptr;
  if (hay.is_undefined()) return false;
  if (!hay.is_sequence()) throw ValueError("argument of type '" + hay.type_name() + "' is not iterable");
  const Value::Items items = iterate(hay);
  return std::any_of(items.begin(), items.end(), [&](const Value& item) { return equal(item, needle); });
}

namespace {

/// A generator gives what is left of it, and is empty then.
Value::Items unread_items(const Sequence& sequence) {
  if (sequence.kind != SequenceKind::generator) return sequence.items;
  const auto begin = sequence.items.begin() + static_cast<std::ptrdiff_t>(sequence.read);
  sequence.read = sequence.items.size();
  return {begin, sequence.items.end()};
}

}  // namespace

Value::Items iterate(const Value& value) {
  if (value.is_undefined()) return {};
  if (value.is_sequence()) return unread_items(value.as_sequence());
  Value::Items items;
  if (value.is_mapping()) {
    for (const auto& pair : value.as_mapping().pairs) items.push_back(pair.first);
    return items;
  }
  if (!value.is_string()) throw ValueError("'" + value.type_name() + "' object is not iterable");
  if (value.as_string().size() > longest_loop) throw ValueError("the string is too long to loop over its characters");
  for (const std::string& character : characters_of(value.as_string())) items.emplace_back(character);
  return items;
}

}  // namespace stac::text::jinja
