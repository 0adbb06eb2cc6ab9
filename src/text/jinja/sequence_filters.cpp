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
  if (!input.is_sequence()) throw ValueError(input.kind() + " has no length");
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

Value first_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  const Value::Items items = iterate(input);
  return items.empty() ? Value(Undefined{"the first element of nothing"}) : items.front();
}

Value last_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  const Value::Items items = iterate(input);
  return items.empty() ? Value(Undefined{"the last element of nothing"}) : items.back();
}

Value list_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return Value::list(iterate(input));
}

Value reverse_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items items = iterate(input);
  std::reverse(items.begin(), items.end());
  return input.is_string() ? Value(join_text(items, "")) : Value::list(std::move(items));
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
  return Value::list(std::move(kept));
}

template <bool wants_least>
Value extreme_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"case_sensitive", "attribute"});
  const Value::Items items = iterate(input);
  const Value* exact = arguments.find(0, "case_sensitive");
  const Value* path = arguments.find(1, "attribute");
  const auto key = [&](const Value& item) { return folded(path ? inner(item, *path) : item, exact); };
  if (items.empty()) return Undefined{"an extreme of nothing"};
  const auto before = [&](const Value& a, const Value& b) { return less(key(a), key(b)); };
  return wants_least ? *std::min_element(items.begin(), items.end(), before)
                     : *std::max_element(items.begin(), items.end(), before);
}

Value sum_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"attribute", "start"});
  const Value* start = arguments.find(1, "start");
  Value sum = start ? *start : Value(std::int64_t{0});
  for (const Value& item : inner_of_all(input, arguments.find(0, "attribute"))) {
    if (!item.is_number()) throw ValueError("'sum' adds numbers, not " + item.kind());
    sum = arithmetic(BinaryOperator::add, sum, item);
  }
  return sum;
}

Value items_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  if (input.is_undefined()) return Value::list({});
  if (!input.is_mapping()) throw ValueError("'items' takes a dict, not " + input.kind());
  Value::Items items;
  for (const auto& [key, value] : input.as_mapping().pairs) items.push_back(Value::tuple({key, value}));
  return Value::list(std::move(items));
}

Value dictsort_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items items = items_filter(input, arguments).as_sequence().items;
  std::stable_sort(items.begin(), items.end(), [](const Value& a, const Value& b) {
    return less(folded(a.as_sequence().items[0], nullptr), folded(b.as_sequence().items[0], nullptr));
  });
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
  if (!name.is_string()) throw ValueError("a test or filter is named by a string, not " + name.kind());
  return name.as_string();
}

Value map_filter(const Value& input, const Arguments& arguments) {
  const Value* path = arguments.find(arguments.positional.size(), "attribute");
  Value::Items items = iterate(input);
  if (path) {
    arguments.allow(0, {"attribute", "default"});
    const Value* otherwise = arguments.find(arguments.positional.size(), "default");
    for (Value& item : items) {
      item = inner(item, *path);
      if (item.is_undefined() && otherwise) item = *otherwise;
    }
    return Value::list(std::move(items));
  }
  const std::string name = name_argument(arguments, 0);
  const Arguments rest = rest_of(arguments, 1);
  Text all;  // bounds what the results take together
  for (Value& item : items) {
    item = apply_filter(name, item, rest);
    if (item.is_string()) all += item.as_string();
  }
  return Value::list(std::move(items));
}

/// select and its kin: keeps the elements for which a test, or plain truth, is `wanted`.
template <bool wanted, bool by_attribute>
Value select_filter(const Value& input, const Arguments& arguments) {
  constexpr std::size_t test_position = by_attribute ? 1 : 0;
  const bool has_test = arguments.positional.size() > test_position;
  const std::string test = has_test ? name_argument(arguments, test_position) : std::string();
  const Arguments rest = rest_of(arguments, test_position + 1);
  Value::Items kept;
  for (const Value& item : iterate(input)) {
    const Value looked_at = by_attribute ? inner(item, arguments.require(0, "attribute")) : item;
    const bool holds = has_test ? apply_test(test, looked_at, rest) : looked_at.truthy();
    if (holds == wanted) kept.push_back(item);
  }
  return Value::list(std::move(kept));
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
