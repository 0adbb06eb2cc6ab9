#include "text/jinja/methods.hpp"

#include <algorithm>
#include <array>

#include "text/jinja/error.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/string_methods.hpp"

namespace stac::text::jinja {
namespace {

using Method = Value (*)(const Value& self, const Arguments& arguments);

struct NamedMethod {
  std::string_view name;
  Method method;
};

Value dict_items(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items items;
  for (const auto& [key, value] : self.as_mapping().pairs) items.push_back(Value::tuple({key, value}));
  return Value::sequence(std::move(items), SequenceKind::view, "dict_items");
}

Value dict_keys(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return Value::sequence(iterate(self), SequenceKind::view, "dict_keys");
}

Value dict_values(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items items;
  for (const auto& pair : self.as_mapping().pairs) items.push_back(pair.second);
  return Value::sequence(std::move(items), SequenceKind::view, "dict_values");
}

Value dict_get(const Value& self, const Arguments& arguments) {
  arguments.allow(2);
  const Value* found = self.as_mapping().find(arguments.require(0, "key"));
  if (found) return *found;
  const Value* otherwise = arguments.find(1, "default");
  return otherwise ? *otherwise : Value(None{});
}

/// A copy is as good as the thing itself, which never changes.
Value itself(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return self;
}

Value list_count(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const Value::Items& items = self.as_sequence().items;
  const Value& wanted = arguments.require(0, "value");
  return static_cast<std::int64_t>(
      std::count_if(items.begin(), items.end(), [&](const Value& item) { return equal(item, wanted); }));
}

Value list_index(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const Value::Items& items = self.as_sequence().items;
  const Value& wanted = arguments.require(0, "value");
  const auto found = std::find_if(items.begin(), items.end(), [&](const Value& item) { return equal(item, wanted); });
  if (found == items.end()) throw ValueError(repr(wanted) + " is not in list");
  return static_cast<std::int64_t>(found - items.begin());
}

constexpr std::array<NamedMethod, 5> dict_methods = {
    {{"items", dict_items}, {"keys", dict_keys}, {"values", dict_values}, {"get", dict_get}, {"copy", itself}}};
constexpr std::array<NamedMethod, 2> tuple_methods = {{{"count", list_count}, {"index", list_index}}};
constexpr NamedMethod list_copy = {"copy", itself};

// What would change its object, which transformers' sandbox forbids.
constexpr std::array<std::string_view, 8> list_changes = {"append", "clear",  "extend",  "insert",
                                                          "pop",    "remove", "reverse", "sort"};
constexpr std::array<std::string_view, 5> dict_changes = {"clear", "pop", "popitem", "setdefault", "update"};

Value bind(const Value& self, const std::string& name, Method method) {
  return std::make_shared<const Callable>(
      Callable{name, [self, method](const Arguments& arguments) { return method(self, arguments); }});
}

template <typename Methods>
Value find_bound(const Methods& methods, const Value& self, const std::string& name) {
  const auto found =
      std::find_if(methods.begin(), methods.end(), [&](const auto& entry) { return entry.name == name; });
  return found == methods.end() ? no_attribute(self, name) : bind(self, name, found->method);
}

template <typename Names>
bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_forbidden(const Value& object, const std::string& name) {
  if (name.starts_with('_')) return true;
  if (object.is_mapping()) return holds(dict_changes, name);
  return object.type_name() == "list" && holds(list_changes, name);
}

/// As Jinja names an object's type in messages.
std::string described_type(const Value& object) { return object.is_none() ? "None" : object.type_name() + " object"; }

}  // namespace

Value no_attribute(const Value& object, const std::string& name) {
  if (is_forbidden(object, name)) {
    return Undefined{"access to attribute '" + name + "' of '" + object.type_name() + "' object is unsafe."};
  }
  return Undefined{"'" + described_type(object) + "' has no attribute '" + name + "'"};
}

Value no_element(const Value& object, const Value& index) {
  if (index.is_string()) return no_attribute(object, index.as_string());
  return Undefined{described_type(object) + " has no element " + repr(index)};
}

void require_attribute_name(const std::string& name) {
  if (!name.starts_with('_')) return;
  throw ValueError("Chat templates cannot store underscore-prefixed attributes on a namespace, but got " +
                   repr(Value(name)) + ". Please rename the attribute.");
}

Value attribute(const Value& object, const std::string& name) {
  require_defined(object);
  if (object.is_namespace()) {
    const auto found = object.as_namespace().attributes.find(name);
    return found == object.as_namespace().attributes.end() ? no_attribute(object, name) : found->second;
  }
  if (object.is_string()) {
    const StringMethod method = find_string_method(name);
    return method ? bind(object, name, method) : no_attribute(object, name);
  }
  if (object.type_name() == "list" && name == list_copy.name) return bind(object, name, list_copy.method);
  if (object.is_indexed()) return find_bound(tuple_methods, object, name);
  if (!object.is_mapping()) return no_attribute(object, name);
  const Value method = find_bound(dict_methods, object, name);
  if (!method.is_undefined()) return method;
  const Value* found = object.as_mapping().find(Value(name));
  return found ? *found : no_attribute(object, name);
}

}  // namespace stac::text::jinja
