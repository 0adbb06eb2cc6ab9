#include "text/jinja/sequence_filters.hpp"

#include <algorithm>
#include <array>

#include "text/jinja/error.hpp"
#include "text/jinja/filters.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/operations.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/string_methods.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

Value length_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  if (input.is_undefined()) return std::int64_t{0};
  if (input.is_string()) return static_cast<std::int64_t>(character_count(input.as_string()));
  if (input.is_mapping()) return static_cast<std::int64_t>(input.as_mapping().pairs.size());
  const bool counted = input.is_sequence() && input.as_sequence().kind != SequenceKind::generator;
  if (!counted) throw ValueError("object of type '" + input.type_name() + "' has no len()");
  return static_cast<std::int64_t>(input.as_sequence().items.size());
}

/// An element's attribute, by name, dotted path or index: what the `attribute` argument of many filters names.
Value inner(const Value& item, const Value& path) {
  if (!path.is_string()) return element(item, path);
  Value value = item;
  std::string_view rest = path.as_string();
  while (true) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string name(rest.substr(0, dot));
    const Value found = value.is_mapping() ? element(value, Value(name)) : attribute(value, name);
    value = found;
    if (dot == rest.size()) return value;
    rest.remove_prefix(dot + 1);
  }
}

Value::Items inner_of_all(const Value& input, const Value* path) {
  Value::Items items = iterate(input);
  if (!path || path->is_none()) return items;
  for (Value& item : items) item = inner(item, *path);
  return items;
}

Value join_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"d", "attribute"});
  const Value* separator = arguments.find(0, "d");
  return join_text(inner_of_all(input, arguments.find(1, "attribute")), separator ? to_text(*separator) : "");
}

const Undefined nothing_first{"No first item, sequence was empty."};

/// Takes the next element out of a generator.
Value next_of(const Sequence& generator) {
  if (generator.read == generator.items.size()) return nothing_first;
  return generator.items[generator.read++];
}

Value first_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  const bool is_generator = input.is_sequence() && input.as_sequence().kind == SequenceKind::generator;
  if (is_generator) return next_of(input.as_sequence());
  const Value::Items items = iterate(input);
  return items.empty() ? Value(nothing_first) : items.front();
}

Value last_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  const bool reversible = input.is_string() || input.is_mapping() || input.is_undefined() ||
                          (input.is_sequence() && input.as_sequence().kind != SequenceKind::generator);
  if (!reversible) throw ValueError("'" + input.type_name() + "' object is not reversible");
  const Value::Items items = iterate(input);
  return items.empty() ? Value(Undefined{"No last item, sequence was empty."}) : items.back();
}

Value list_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return Value::list(iterate(input));
}

Value reverse_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  const bool iterable = input.is_string() || input.is_mapping() || input.is_undefined() || input.is_sequence();
  if (!iterable) throw ValueError("argument must be iterable");
  const bool makes_list = input.is_sequence() && input.as_sequence().kind == SequenceKind::generator;
  Value::Items items = iterate(input);
  std::reverse(items.begin(), items.end());
  if (input.is_string()) return join_text(items, "");
  return makes_list ? Value::list(std::move(items)) : Value::generator(std::move(items));
}

/// What sorting and comparing see of a text: without case, unless asked.
Value folded(const Value& value, const Value* case_sensitive) {
  const bool exact = case_sensitive && case_sensitive->truthy();
  return value.is_string() && !exact ? Value(to_lower(value.as_string())) : value;
}

Value sort_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(3, {"reverse", "case_sensitive", "attribute"});
  const Value* reverse = arguments.find(0, "reverse");
  const Value* exact = arguments.find(1, "case_sensitive");
  const Value* path = arguments.find(2, "attribute");
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : iterate(input)) {
    keyed.emplace_back(folded(path && !path->is_none() ? inner(item, *path) : item, exact), item);
  }
  const bool down = reverse && reverse->truthy();
  std::stable_sort(keyed.begin(), keyed.end(), [down](const auto& a, const auto& b) {
    return down ? less(b.first, a.first) : less(a.first, b.first);
  });
  Value::Items sorted;
  for (const auto& pair : keyed) sorted.push_back(pair.second);
  return Value::list(std::move(sorted));
}

Value unique_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"case_sensitive", "attribute"});
  const Value* path = arguments.find(1, "attribute");
  Value::Items seen;
  Value::Items kept;
  for (const Value& item : iterate(input)) {
    const Value key = folded(path && !path->is_none() ? inner(item, *path) : item, arguments.find(0, "case_sensitive"));
    if (std::any_of(seen.begin(), seen.end(), [&](const Value& other) { return equal(other, key); })) continue;
    if (seen.size() >= 2'000) throw ValueError("the list is too long for 'unique'");
    seen.push_back(key);
    kept.push_back(item);
  }
  return Value::generator(std::move(kept));
}

template <bool wants_least>
Value extreme_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"case_sensitive", "attribute"});
  const Value::Items items = iterate(input);
  const Value* exact = arguments.find(0, "case_sensitive");
  const Value* path = arguments.find(1, "attribute");
  const auto key = [&](const Value& item) { return folded(path ? inner(item, *path) : item, exact); };
  if (items.empty()) return Undefined{"No aggregated item, sequence was empty."};
  const auto before = [&](const Value& a, const Value& b) { return less(key(a), key(b)); };
  return wants_least ? *std::min_element(items.begin(), items.end(), before)
                     : *std::max_element(items.begin(), items.end(), before);
}

Value sum_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"attribute", "start"});
  const Value* start = arguments.find(1, "start");
  Value sum = start ? *start : Value(std::int64_t{0});
  if (sum.is_string()) throw ValueError("sum() can't sum strings [use ''.join(seq) instead]");
  for (const Value& item : inner_of_all(input, arguments.find(0, "attribute"))) {
    sum = arithmetic(BinaryOperator::add, sum, item);
  }
  return sum;
}

Value items_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  if (input.is_undefined()) return Value::generator({});
  if (!input.is_mapping()) throw ValueError("Can only get item pairs from a mapping.");
  Value::Items items;
  for (const auto& [key, value] : input.as_mapping().pairs) items.push_back(Value::tuple({key, value}));
  return Value::generator(std::move(items));
}

Value dictsort_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(3, {"case_sensitive", "by", "reverse"});
  const Value* exact = arguments.find(0, "case_sensitive");
  const Value* by = arguments.find(1, "by");
  const Value* reverse = arguments.find(2, "reverse");
  const std::string side = by ? to_text(*by) : "key";
  if (side != "key" && side != "value") throw ValueError("You can only sort by either \"key\" or \"value\"");
  require_defined(input);
  if (!input.is_mapping()) throw ValueError("'" + input.type_name() + "' object has no attribute 'items'");
  const std::size_t position = side == "key" ? 0 : 1;
  const auto key = [&](const Value& pair) { return folded(pair.as_sequence().items[position], exact); };
  const bool down = reverse && reverse->truthy();
  Value::Items items = iterate(items_filter(input, {}));
  std::stable_sort(items.begin(), items.end(),
                   [&](const Value& a, const Value& b) { return down ? less(key(b), key(a)) : less(key(a), key(b)); });
  return Value::list(std::move(items));
}

/// The arguments without their first `count`, for the test or filter that they name.
Arguments rest_of(const Arguments& arguments, std::size_t count) {
  Arguments rest = arguments;
  const auto taken = static_cast<std::ptrdiff_t>(std::min(count, rest.positional.size()));
  rest.positional.erase(rest.positional.begin(), rest.positional.begin() + taken);
  return rest;
}

std::string name_argument(const Arguments& arguments, std::size_t position) {
  const Value& name = arguments.require(position, "name");
  if (!name.is_string())
    throw ValueError("a test or filter is named by a string, not by a value of type '" + name.type_name() + "'");
  return name.as_string();
}

Value map_filter(const Value& input, const Arguments& arguments) {
  const Value* path = arguments.find(arguments.positional.size(), "attribute");
  if (!input.truthy()) return Value::generator({});  // whatever it is: none and 0 too
  Value::Items items = iterate(input);
  if (path) {
    arguments.allow(0, {"attribute", "default"});
    const Value* otherwise = arguments.find(arguments.positional.size(), "default");
    for (Value& item : items) {
      item = inner(item, *path);
      if (item.is_undefined() && otherwise) item = *otherwise;
    }
    return Value::generator(std::move(items));
  }
  const std::string name = name_argument(arguments, 0);
  const Arguments rest = rest_of(arguments, 1);
  Text all;  // bounds what the results take together
  for (Value& item : items) {
    item = apply_filter(name, item, rest);
    if (item.is_string()) all += item.as_string();
  }
  return Value::generator(std::move(items));
}

/// select and its kin: keeps the elements for which a test, or plain truth, is `wanted`.
template <bool wanted, bool by_attribute>
Value select_filter(const Value& input, const Arguments& arguments) {
  constexpr std::size_t test_position = by_attribute ? 1 : 0;
  const bool has_test = arguments.positional.size() > test_position;
  const std::string test = has_test ? name_argument(arguments, test_position) : std::string();
  const Arguments rest = rest_of(arguments, test_position + 1);
  if (!input.truthy()) return Value::generator({});  // as map
  Value::Items kept;
  for (const Value& item : iterate(input)) {
    const Value looked_at = by_attribute ? inner(item, arguments.require(0, "attribute")) : item;
    const bool holds = has_test ? apply_test(test, looked_at, rest) : looked_at.truthy();
    if (holds == wanted) kept.push_back(item);
  }
  return Value::generator(std::move(kept));
}

struct NamedFilter {
  std::string_view name;
  SequenceFilter filter;
};

constexpr std::array<NamedFilter, 19> filters = {{{"length", length_filter},
                                                  {"count", length_filter},
                                                  {"join", join_filter},
                                                  {"first", first_filter},
                                                  {"last", last_filter},
                                                  {"list", list_filter},
                                                  {"reverse", reverse_filter},
                                                  {"sort", sort_filter},
                                                  {"unique", unique_filter},
                                                  {"min", extreme_filter<true>},
                                                  {"max", extreme_filter<false>},
                                                  {"sum", sum_filter},
                                                  {"items", items_filter},
                                                  {"dictsort", dictsort_filter},
                                                  {"map", map_filter},
                                                  {"select", select_filter<true, false>},
                                                  {"reject", select_filter<false, false>},
                                                  {"selectattr", select_filter<true, true>},
                                                  {"rejectattr", select_filter<false, true>}}};

}  // namespace

SequenceFilter find_sequence_filter(std::string_view name) {
  const auto found =
      std::find_if(filters.begin(), filters.end(), [&](const auto& entry) { return entry.name == name; });
  return found == filters.end() ? nullptr : found->filter;
}

}  // namespace stac::text::jinja
