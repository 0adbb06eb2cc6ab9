// Values of a template: Python's, as far as templates see them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stac::text::jinja {

class Value;
struct Sequence;
struct Mapping;
struct Namespace;
struct Callable;

/// A name, attribute or element that is not there: empty in text and in loops, an error in most operations.
struct Undefined {
  std::string why;  ///< what such an error says: "'x' is undefined"
};
struct None {};

enum class SequenceKind {
  list,
  tuple,
  range,
  view,      ///< dict.items() and its kin: no elements by index
  generator  ///< what map, select and others give: no length, no index, and its elements can be read once
};

/// Values are cheap to copy: text and containers are shared and never change once made. Only namespaces change, and how
/// far a generator was read.
class Value {
 public:
  using Items = std::vector<Value>;
  using Pairs = std::vector<std::pair<Value, Value>>;

  Value() : data_(Undefined{}) {}
  Value(Undefined undefined) : data_(std::move(undefined)) {}
  Value(None none) : data_(none) {}
  Value(bool truth) : data_(truth) {}
  Value(std::int64_t number) : data_(number) {}
  Value(double number) : data_(number) {}
  Value(std::string text) : data_(std::make_shared<const std::string>(std::move(text))) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(std::shared_ptr<Namespace> space) : data_(std::move(space)) {}
  Value(std::shared_ptr<const Callable> callable) : data_(std::move(callable)) {}

  /// @throws ValueError  nested deeper than templates need
  static Value list(Items items);
  static Value tuple(Items items);
  static Value generator(Items items);
  /// @param name  of a view, its Python type; of a range, its text
  static Value sequence(Items items, SequenceKind kind, std::string name = {});
  static Value dict(Pairs pairs);  ///< of equal keys, the last counts, at the first one's place

  [[nodiscard]] bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  [[nodiscard]] bool is_none() const { return std::holds_alternative<None>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return is_bool() || std::holds_alternative<std::int64_t>(data_); }
  [[nodiscard]] bool is_float() const { return std::holds_alternative<double>(data_); }
  [[nodiscard]] bool is_number() const { return is_integer() || is_float(); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<Text>(data_); }
  [[nodiscard]] bool is_sequence() const { return std::holds_alternative<List>(data_); }
  [[nodiscard]] bool is_indexed() const;  ///< a list, tuple or range
  [[nodiscard]] bool is_mapping() const { return std::holds_alternative<Dict>(data_); }
  [[nodiscard]] bool is_namespace() const { return std::holds_alternative<std::shared_ptr<Namespace>>(data_); }
  [[nodiscard]] bool is_callable() const { return std::holds_alternative<std::shared_ptr<const Callable>>(data_); }

  /// Each requires the kind that it names.
  [[nodiscard]] std::int64_t as_integer() const;  ///< true is 1
  [[nodiscard]] double as_float() const;          ///< any number
  [[nodiscard]] const std::string& as_string() const { return *std::get<Text>(data_); }
  [[nodiscard]] const Sequence& as_sequence() const { return *std::get<List>(data_); }
  [[nodiscard]] const Mapping& as_mapping() const { return *std::get<Dict>(data_); }
  [[nodiscard]] Namespace& as_namespace() const { return *std::get<std::shared_ptr<Namespace>>(data_); }
  [[nodiscard]] const Callable& as_callable() const { return *std::get<std::shared_ptr<const Callable>>(data_); }
  [[nodiscard]] const std::string& why_undefined() const { return std::get<Undefined>(data_).why; }

  /// Python's truth: empty and zero are false.
  [[nodiscard]] bool truthy() const;

  /// "str", "NoneType", ...: Python's name of the type, which messages use.
  [[nodiscard]] std::string type_name() const;
  [[nodiscard]] int depth() const;  ///< of nested containers

 private:
  using Text = std::shared_ptr<const std::string>;
  using List = std::shared_ptr<const Sequence>;
  using Dict = std::shared_ptr<const Mapping>;
  std::variant<Undefined, None, bool, std::int64_t, double, Text, List, Dict, std::shared_ptr<Namespace>,
               std::shared_ptr<const Callable>>
      data_;
};

struct Sequence {
  Value::Items items;
  SequenceKind kind = SequenceKind::list;
  int depth = 1;
  std::string name = {};         ///< of a view, its Python type; of a range, its text
  mutable std::size_t read = 0;  ///< elements of a generator that are gone
};

struct Mapping {
  Value::Pairs pairs;  ///< in the order of insertion
  int depth = 1;
  /// @throws ValueError  the key holds a list or dict
  [[nodiscard]] const Value* find(const Value& key) const;
};

struct Namespace {
  const char* type = "transformers.utils.chat_template_utils.TemplateNamespace";  ///< for messages
  std::map<std::string, Value> attributes;
};

struct Arguments {
  Value::Items positional;
  std::map<std::string, Value> named;

  /// The argument at a position or under a name; null where it is not given.
  [[nodiscard]] const Value* find(std::size_t position, std::string_view name) const;
  /// @throws ValueError  it is not given
  [[nodiscard]] const Value& require(std::size_t position, std::string_view name) const;
  /// @throws ValueError  more arguments than `count`, or a name that is none of `names`
  void allow(std::size_t count, std::initializer_list<std::string_view> names = {}) const;
};

struct Callable {
  std::string name;
  std::function<Value(const Arguments&)> call;
};

/// @throws ValueError  the value is undefined
void require_defined(const Value& value);

/// Python's ==. @throws ValueError  the comparison takes too long
[[nodiscard]] bool equal(const Value& a, const Value& b);

/// Python's <. @param symbol  for the message: >, >= and <= are written with it too
/// @throws ValueError  the kinds have no order
[[nodiscard]] bool less(const Value& a, const Value& b, const char* symbol = "<");

/// Python's `needle in hay`. @throws ValueError  hay is not a container
[[nodiscard]] bool contains(const Value& hay, const Value& needle);

/// The elements that a loop sees: of a list, a dict's keys, a string's characters, none of an undefined value.
/// @throws ValueError  the value is not iterable
[[nodiscard]] Value::Items iterate(const Value& value);

}  // namespace stac::text::jinja
