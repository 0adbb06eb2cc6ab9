// The value of an expression.
#pragma once
#include "text/jinja/ast.hpp"
#include "text/jinja/scopes.hpp"
#include "text/jinja/work.hpp"

namespace stac::text::jinja {

class ExpressionEvaluator {
 public:
  ExpressionEvaluator(Scopes& scopes, Work& work) : scopes_(scopes), work_(work) {}

  /// @throws TemplateError  with the place of the innermost expression that fails
  [[nodiscard]] Value evaluate(const Expression& expression);

  Value operator()(const Literal& literal) { return literal.value; }
  Value operator()(const Name& name) { return scopes_.find(name.name); }
  Value operator()(const ListLiteral& list);
  Value operator()(const DictLiteral& dict);
  Value operator()(const Unary& unary);
  Value operator()(const Binary& binary);
  Value operator()(const Comparison& comparison);
  Value operator()(const Conditional& conditional);
  Value operator()(const Attribute& attribute);
  Value operator()(const Subscript& subscript);
  Value operator()(const Slice& slice);
  Value operator()(const Call& call);
  Value operator()(const Filter& filter);
  Value operator()(const Test& test);

 private:
  [[nodiscard]] Value evaluate_or_none(const ExpressionPtr& expression);
  [[nodiscard]] Arguments evaluate_arguments(const CallArguments& arguments);

  Scopes& scopes_;
  Work& work_;
};

}  // namespace stac::text::jinja
