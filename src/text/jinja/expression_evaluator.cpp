#include "text/jinja/expression_evaluator.hpp"

#include "text/jinja/filters.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/operations.hpp"

namespace stac::text::jinja {

Value ExpressionEvaluator::evaluate(const Expression& expression) {
  const Work::Level level(work_, expression.where);
  try {
    Value value = std::visit(*this, expression.node);
    work_.charge(value);
    return value;
  } catch (const ValueError& error) {
    throw TemplateError(expression.where, error.what());
  }
}

Value ExpressionEvaluator::evaluate_or_none(const ExpressionPtr& expression) {
  return expression ? evaluate(*expression) : Value(None{});
}

Value ExpressionEvaluator::operator()(const ListLiteral& list) {
  Value::Items items;
  for (const auto& item : list.items) items.push_back(evaluate(*item));
  return list.is_tuple ? Value::tuple(std::move(items)) : Value::list(std::move(items));
}

Value ExpressionEvaluator::operator()(const DictLiteral& dict) {
  Value::Pairs pairs;
  for (const auto& [key, value] : dict.pairs) {
    Value evaluated_key = evaluate(*key);
    pairs.emplace_back(std::move(evaluated_key), evaluate(*value));
  }
  return Value::dict(std::move(pairs));
}

Value ExpressionEvaluator::operator()(const Unary& unary) {
  const Value operand = evaluate(*unary.operand);
  if (unary.op == UnaryOperator::logical_not) return !operand.truthy();
  if (unary.op == UnaryOperator::negate) return negate(operand);
  require_defined(operand);
  if (!operand.is_number()) throw ValueError("bad operand type for unary +: '" + operand.type_name() + "'");
  return operand.is_bool() ? Value(operand.as_integer()) : operand;
}

Value ExpressionEvaluator::operator()(const Binary& binary) {
  Value left = evaluate(*binary.left);
  if (binary.op == BinaryOperator::logical_and) return left.truthy() ? evaluate(*binary.right) : left;
  if (binary.op == BinaryOperator::logical_or) return left.truthy() ? left : evaluate(*binary.right);
  return arithmetic(binary.op, left, evaluate(*binary.right));
}

Value ExpressionEvaluator::operator()(const Comparison& comparison) {
  Value left = evaluate(*comparison.first);
  for (const auto& [op, operand] : comparison.rest) {
    Value right = evaluate(*operand);
    if (!compare(op, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value ExpressionEvaluator::operator()(const Conditional& conditional) {
  if (evaluate(*conditional.condition).truthy()) return evaluate(*conditional.then);
  if (conditional.otherwise) return evaluate(*conditional.otherwise);
  return Undefined{"the inline if-expression on line " + std::to_string(conditional.condition->where.line) +
                   " evaluated to false and no else section was defined."};
}

Value ExpressionEvaluator::operator()(const Attribute& attribute) {
  return jinja::attribute(evaluate(*attribute.object), attribute.name);
}

/// object['name'] means the element first, then the attribute.
Value ExpressionEvaluator::operator()(const Subscript& subscript) {
  const Value object = evaluate(*subscript.object);
  const Value index = evaluate(*subscript.index);
  Value found = element(object, index);
  if (!found.is_undefined() || !index.is_string()) return found;
  return jinja::attribute(object, index.as_string());
}

Value ExpressionEvaluator::operator()(const Slice& slice) {
  const Value object = evaluate(*slice.object);
  const Value begin = evaluate_or_none(slice.begin);
  const Value end = evaluate_or_none(slice.end);
  return jinja::slice(object, begin, end, evaluate_or_none(slice.step));
}

Arguments ExpressionEvaluator::evaluate_arguments(const CallArguments& arguments) {
  Arguments evaluated;
  for (const auto& argument : arguments.positional) evaluated.positional.push_back(evaluate(*argument));
  for (const auto& [name, argument] : arguments.named) {
    if (!evaluated.named.emplace(name, evaluate(*argument)).second) {
      throw ValueError("the argument '" + name + "' is given twice");
    }
  }
  return evaluated;
}

Value ExpressionEvaluator::operator()(const Call& call) {
  const Value callee = evaluate(*call.callee);
  require_defined(callee);
  if (!callee.is_callable()) throw ValueError("'" + callee.type_name() + "' object is not callable");
  return callee.as_callable().call(evaluate_arguments(call.arguments));
}

Value ExpressionEvaluator::operator()(const Filter& filter) {
  const Value input = evaluate(*filter.input);
  return apply_filter(filter.name, input, evaluate_arguments(filter.arguments));
}

Value ExpressionEvaluator::operator()(const Test& test) {
  const Value input = evaluate(*test.input);
  return apply_test(test.name, input, evaluate_arguments(test.arguments)) != test.negated;
}

}  // namespace stac::text::jinja
