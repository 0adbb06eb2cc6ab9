#include "text/jinja/evaluator.hpp"

#include "text/jinja/expression_evaluator.hpp"
#include "text/jinja/globals.hpp"
#include "text/jinja/loop_variable.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/printing.hpp"

namespace stac::text::jinja {
namespace {

enum class Flow { onward, break_loop, continue_loop };

class Evaluator {
 public:
  explicit Evaluator(std::map<std::string, Value> variables)
      : scopes_(global_functions(work_)), expressions_(scopes_, work_) {
    for (auto& [name, value] : variables) scopes_.set(name, std::move(value));
  }

  std::string render(const Body& body) {
    Text out;
    run(body, out);
    return out.take();
  }

 private:
  Flow run(const Body& body, Text& out) {
    for (const Statement& statement : body) {
      const Flow flow = run(statement, out);
      if (flow != Flow::onward) return flow;
    }
    return Flow::onward;
  }

  Flow run(const Statement& statement, Text& out) {
    const Work::Level level(work_, statement.where);
    try {
      return std::visit([&](const auto& node) { return execute(node, out); }, statement.node);
    } catch (const ValueError& error) {
      throw TemplateError(statement.where, error.what());
    }
  }

  Flow execute(const PlainText& text, Text& out) {
    out += text.text;
    return Flow::onward;
  }

  Flow execute(const Print& print, Text& out) {
    out += to_text(expressions_.evaluate(*print.value));
    return Flow::onward;
  }

  Flow execute(const If& branches, Text& out) {
    for (const auto& [condition, body] : branches.branches) {
      if (expressions_.evaluate(*condition).truthy()) return run(body, out);
    }
    return run(branches.otherwise, out);
  }

  Flow execute(const Group& group, Text& out) {
    const Scopes::Inner inner(scopes_);
    return run(group.body, out);
  }

  Flow execute(const Break&, Text&) { return Flow::break_loop; }
  Flow execute(const Continue&, Text&) { return Flow::continue_loop; }

  Flow execute(const Set& set, Text&) {
    assign(set.target, set.is_block ? filtered(set.value, set.body) : expressions_.evaluate(*set.value));
    return Flow::onward;
  }

  Flow execute(const FilterBlock& block, Text& out) {
    out += to_text(filtered(block.filters, block.body));
    return Flow::onward;
  }

  Flow execute(const With& with, Text& out) {
    std::vector<Value> values;
    for (const auto& [target, value] : with.assignments) values.push_back(expressions_.evaluate(*value));
    const Scopes::Inner inner(scopes_);
    for (std::size_t i = 0; i < values.size(); ++i) assign(with.assignments[i].first, values[i]);
    return run(with.body, out);
  }

  /// A body's text after its filters, if it has any.
  Value filtered(const ExpressionPtr& filters, const Body& body) {
    Value text = captured(body);
    if (!filters) return text;
    const Scopes::Inner inner(scopes_);
    scopes_.set(block_text, std::move(text));
    return expressions_.evaluate(*filters);
  }

  Value captured(const Body& body) {
    const Scopes::Inner inner(scopes_);
    Text text;
    run(body, text);
    Value value(text.take());
    work_.charge(value);
    return value;
  }

  void assign(const Target& target, const Value& value) {
    if (target.attribute) return assign_attribute(target, value);
    if (!target.unpacks) return scopes_.set(target.names.front(), value);
    const bool iterable = value.is_sequence() || value.is_mapping() || value.is_string() || value.is_undefined();
    if (!iterable) throw ValueError("cannot unpack non-iterable " + value.type_name() + " object");
    const Value::Items parts = iterate(value);
    require_as_many(parts.size(), target.names.size());
    for (std::size_t i = 0; i < parts.size(); ++i) scopes_.set(target.names[i], parts[i]);
  }

  static void require_as_many(std::size_t values, std::size_t names) {
    const std::string expected = "expected " + std::to_string(names);
    if (values > names) throw ValueError("too many values to unpack (" + expected + ")");
    if (values < names) {
      throw ValueError("not enough values to unpack (" + expected + ", got " + std::to_string(values) + ")");
    }
  }

  void assign_attribute(const Target& target, const Value& value) {
    const Value space = scopes_.find(target.names.front());
    if (!space.is_namespace()) throw ValueError("cannot assign attribute on non-namespace object");
    require_attribute_name(*target.attribute);
    space.as_namespace().attributes[*target.attribute] = value;
  }

  Flow execute(const For& loop, Text& out) {
    const Value::Items items = chosen_items(loop);
    LoopVariable variable(work_, items);
    bool completed = false;  // Jinja runs the else unless a turn came to its end: also where all were cut short
    for (std::size_t i = 0; i < items.size(); ++i) {
      variable.move_to(i);
      work_.charge_turn();
      const Scopes::Inner inner(scopes_);
      scopes_.set("loop", variable.value());
      assign(loop.target, items[i]);
      const Flow flow = run(loop.body, out);
      if (flow == Flow::break_loop) break;
      completed = completed || flow == Flow::onward;
    }
    return completed ? Flow::onward : run_else(loop, out);
  }

  Flow run_else(const For& loop, Text& out) {
    const Scopes::Inner inner(scopes_);
    return run(loop.otherwise, out);
  }

  /// What the loop runs over, after its own `if`.
  Value::Items chosen_items(const For& loop) {
    Value::Items items = iterate(expressions_.evaluate(*loop.items));
    if (!loop.condition) return items;
    Value::Items chosen;
    for (const Value& item : items) {
      work_.charge_turn();
      const Scopes::Inner inner(scopes_);
      assign(loop.target, item);
      if (expressions_.evaluate(*loop.condition).truthy()) chosen.push_back(item);
    }
    return chosen;
  }

  Flow execute(const Macro& macro, Text&) {
    const auto run_macro = [this, &macro, closure = scopes_.closure()](const Arguments& arguments) {
      return call(macro, arguments, closure);
    };
    scopes_.set(macro.name, std::make_shared<const Callable>(Callable{macro.name, run_macro}));
    return Flow::onward;
  }

  Value call(const Macro& macro, const Arguments& arguments, const Scopes::Closure& closure) {
    const std::size_t given = arguments.positional.size();
    if (given > macro.parameters.size()) {
      throw ValueError("macro '" + macro.name + "' takes not more than " + std::to_string(macro.parameters.size()) +
                       " argument(s)");
    }
    for (const auto& [name, value] : arguments.named) require_parameter(macro, given, name);
    const Scopes::Entered entered(scopes_, closure);
    const Scopes::Inner inner(scopes_);
    scopes_.set("varargs", Value::tuple({}));  // empty: more arguments than parameters are an error
    scopes_.set("kwargs", Value::dict({}));
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
      const auto& [name, otherwise] = macro.parameters[i];
      const Value* argument = arguments.find(i, name);
      const Undefined missing{"parameter '" + name + "' was not provided"};
      scopes_.set(name, argument ? *argument : otherwise ? expressions_.evaluate(*otherwise) : Value(missing));
    }
    return captured(*macro.body);
  }

  /// A parameter that no positional argument has taken.
  static void require_parameter(const Macro& macro, std::size_t taken, const std::string& name) {
    for (std::size_t i = taken; i < macro.parameters.size(); ++i) {
      if (macro.parameters[i].first == name) return;
    }
    throw ValueError("macro '" + macro.name + "' takes no keyword argument '" + name + "'");
  }

  Work work_;
  Scopes scopes_;
  ExpressionEvaluator expressions_;
};

}  // namespace

std::string render(const Body& body, std::map<std::string, Value> variables) {
  return Evaluator(std::move(variables)).render(body);
}

}  // namespace stac::text::jinja
