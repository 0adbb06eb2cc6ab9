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
  return Value::list(std::move(items));
}

Value dict_keys(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return Value::list(iterate(self));
}

Value dict_values(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items items;
  for (const auto& pair : self.as_mapping().pairs) items.push_back(pair.second);
  return Value::list(std::move(items));
}

Value dict_get(const Value& self, const Arguments& arguments) {
  arguments.allow(2, {"key", "default"});
  const Value* found = self.as_mapping().find(arguments.require(0, "key"));
  if (found) return *found;
  const Value* otherwise = arguments.find(1, "default");
  return otherwise ? *otherwise : Value(None{});
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
  if (found == items.end()) throw ValueError("the list does not hold " + repr(wanted));
  return static_cast<std::int64_t>(found - items.begin());
}

constexpr std::array<NamedMethod, 4> dict_methods = {
    {{"items", dict_items}, {"keys", dict_keys}, {"values", dict_values}, {"get", dict_get}}};
constexpr std::array<NamedMethod, 2> list_methods = {{{"count", list_count}, {"index", list_index}}};

Value bind(const Value& self, const std::string& name, Method method) {
  return std::make_shared<const Callable>(
      Callable{name, [self, method](const Arguments& arguments) { return method(self, arguments); }});
}

template <typename Methods>
Value find_bound(const Methods& methods, const Value& self, const std::string& name) {
  const auto found =
      std::find_if(methods.begin(), methods.end(), [&](const auto& entry) { return entry.name == name; });
  return found == methods.end() ? Value(Undefined{name}) : bind(self, name, found->method);
}

}  // namespace

Value attribute(const Value& object, const std::string& name) {
  if (object.is_undefined()) throw ValueError(object.kind() + " has no attribute '" + name + "'");
  if (object.is_namespace()) {
    const auto found = object.as_namespace().attributes.find(name);
    return found == object.as_namespace().attributes.end() ? Value(Undefined{name}) : found->second;
  }
  if (object.is_string()) {
    const StringMethod method = find_string_method(name);
    return method ? bind(object, name, method) : Value(Undefined{name});
  }
  if (object.is_sequence()) return find_bound(list_methods, object, name);
  if (!object.is_mapping()) return Undefined{name};
  const Value method = find_bound(dict_methods, object, name);
  if (!method.is_undefined()) return method;
  const Value* found = object.as_mapping().find(Value(name));
  return found ? *found : Value(Undefined{name});
}

}  // namespace stac::text::jinja
