#include "text/jinja/ast.hpp"

#include <algorithm>

namespace stac::text::jinja {
namespace {

constexpr int highest_tree = 250;

/// The height of a node's tallest child.
struct TallestChild {
  int height = 0;

  void see(const ExpressionPtr& child) {
    if (child) height = std::max(height, child->height);
  }
  void see(const CallArguments& arguments) {
    for (const auto& argument : arguments.positional) see(argument);
    for (const auto& [name, argument] : arguments.named) see(argument);
  }

  void operator()(const Literal&) {}
  void operator()(const Name&) {}
  void operator()(const ListLiteral& list) {
    for (const auto& item : list.items) see(item);
  }
  void operator()(const DictLiteral& dict) {
    for (const auto& [key, value] : dict.pairs) {
      see(key);
      see(value);
    }
  }
  void operator()(const Unary& unary) { see(unary.operand); }
  void operator()(const Binary& binary) {
    see(binary.left);
    see(binary.right);
  }
  void operator()(const Comparison& comparison) {
    see(comparison.first);
    for (const auto& [op, operand] : comparison.rest) see(operand);
  }
  void operator()(const Conditional& conditional) {
    see(conditional.condition);
    see(conditional.then);
    see(conditional.otherwise);
  }
  void operator()(const Attribute& attribute) { see(attribute.object); }
  void operator()(const Subscript& subscript) {
    see(subscript.object);
    see(subscript.index);
  }
  void operator()(const Slice& slice) {
    see(slice.object);
    see(slice.begin);
    see(slice.end);
    see(slice.step);
  }
  void operator()(const Call& call) {
    see(call.callee);
    see(call.arguments);
  }
  void operator()(const Filter& filter) {
    see(filter.input);
    see(filter.arguments);
  }
  void operator()(const Test& test) {
    see(test.input);
    see(test.arguments);
  }
};

}  // namespace

ExpressionPtr make_expression(const Location& where, decltype(Expression::node) node) {
  TallestChild children;
  std::visit(children, node);
  if (children.height >= highest_tree) throw TemplateError(where, "the expression is nested too deeply");
  return std::make_unique<Expression>(Expression{where, children.height + 1, std::move(node)});
}

}  // namespace stac::text::jinja
