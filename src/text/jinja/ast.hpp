// A template as a tree.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "text/jinja/error.hpp"
#include "text/jinja/value.hpp"

namespace stac::text::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Literal {
  Value value;
};
struct Name {
  std::string name;
};
struct ListLiteral {
  std::vector<ExpressionPtr> items;
  bool is_tuple;
};
struct DictLiteral {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> pairs;
};
enum class UnaryOperator { negate, plus, logical_not };
struct Unary {
  UnaryOperator op;
  ExpressionPtr operand;
};
enum class BinaryOperator {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  concat,
  logical_and,
  logical_or
};
struct Binary {
  BinaryOperator op;
  ExpressionPtr left;
  ExpressionPtr right;
};
enum class CompareOperator { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };
struct Comparison {  ///< a chain: a < b < c
  ExpressionPtr first;
  std::vector<std::pair<CompareOperator, ExpressionPtr>> rest;
};
struct Conditional {
  ExpressionPtr condition;
  ExpressionPtr then;
  ExpressionPtr otherwise;  ///< may be null
};
struct Attribute {
  ExpressionPtr object;
  std::string name;
};
struct Subscript {
  ExpressionPtr object;
  ExpressionPtr index;
};
struct Slice {  ///< each bound may be null
  ExpressionPtr object, begin, end, step;
};
struct CallArguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
};
struct Call {
  ExpressionPtr callee;
  CallArguments arguments;
};
struct Filter {
  ExpressionPtr input;
  std::string name;
  CallArguments arguments;
};
struct Test {
  ExpressionPtr input;
  std::string name;
  CallArguments arguments;
  bool negated;
};

struct Expression {
  Location where;
  int height = 1;  ///< of the tree: bounded, because it is walked and freed by recursion
  std::variant<Literal, Name, ListLiteral, DictLiteral, Unary, Binary, Comparison, Conditional, Attribute, Subscript,
               Slice, Call, Filter, Test>
      node;
};

/// Makes an expression of its node. @throws TemplateError  its tree is too high
[[nodiscard]] ExpressionPtr make_expression(const Location& where, decltype(Expression::node) node);

struct Statement;
using Body = std::vector<Statement>;

struct PlainText {
  std::string text;
};
struct Print {
  ExpressionPtr value;
};
/// What a set or for assigns to: names, or one attribute of a namespace.
struct Target {
  std::vector<std::string> names;
  std::optional<std::string> attribute;
  bool unpacks = false;  ///< names of a tuple, which take a sequence apart
};
struct For {
  Target target;
  ExpressionPtr items;
  ExpressionPtr condition;  ///< may be null
  Body body;
  Body otherwise;
};
struct If {
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
};
/// The name under which the filters of a block see its text; no template can write it.
inline constexpr const char* block_text = " block";
struct Set {
  Target target;
  ExpressionPtr value;    ///< of a block: filters on `block_text`, or null
  bool is_block = false;  ///< the body's text is assigned
  Body body;
};
struct FilterBlock {
  ExpressionPtr filters;  ///< on `block_text`
  Body body;
};
struct With {
  std::vector<std::pair<Target, ExpressionPtr>> assignments;  ///< the values do not see each other
  Body body;
};
struct Macro {
  std::string name;
  std::vector<std::pair<std::string, ExpressionPtr>> parameters;  ///< with default, or null
  std::shared_ptr<const Body> body;
};
struct Group {  ///< statements that only stand together: {% generation %}
  Body body;
};
struct Break {};
struct Continue {};

struct Statement {
  Location where;
  std::variant<PlainText, Print, For, If, Set, FilterBlock, With, Macro, Group, Break, Continue> node;
};

}  // namespace stac::text::jinja
