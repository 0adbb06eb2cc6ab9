#include "text/jinja/evaluator.hpp"

#include "text/jinja/expression_evaluator.hpp"
#include "text/jinja/globals.hpp"
#include "text/jinja/loop_variable.hpp"
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
    assign(set.target, set.value ? expressions_.evaluate(*set.value) : captured(set.body));
    return Flow::onward;
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
    const Value::Items parts = iterate(value);
    if (parts.size() != target.names.size()) {
      throw ValueError(std::to_string(target.names.size()) + " names for " + std::to_string(parts.size()) + " values");
    }
    for (std::size_t i = 0; i < parts.size(); ++i) scopes_.set(target.names[i], parts[i]);
  }

  void assign_attribute(const Target& target, const Value& value) {
    const Value space = scopes_.find(target.names.front());
    if (!space.is_namespace())
      throw ValueError("only a namespace's attributes can be set, not those of " + space.kind());
    if (target.attribute->starts_with('_')) throw ValueError("a namespace's attribute cannot begin with '_'");
    space.as_namespace().attributes[*target.attribute] = value;
  }

  Flow execute(const For& loop, Text& out) {
    const Value::Items items = chosen_items(loop);
    if (items.empty()) return run_else(loop, out);
    LoopVariable variable(work_, items, ++loop_depth_);
    for (std::size_t i = 0; i < items.size(); ++i) {
      variable.move_to(i);
      work_.charge_turn();
      const Scopes::Inner inner(scopes_);
      scopes_.set("loop", variable.value());
      assign(loop.target, items[i]);
      const Flow flow = run(loop.body, out);
      if (flow == Flow::break_loop) break;
    }
    --loop_depth_;
    return Flow::onward;
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
    scopes_.set(macro.name,
                std::make_shared<const Callable>(Callable{
                    macro.name, [this, &macro](const Arguments& arguments) { return call(macro, arguments); }}));
    return Flow::onward;
  }

  Value call(const Macro& macro, const Arguments& arguments) {
    if (arguments.positional.size() > macro.parameters.size()) {
      throw ValueError("the macro '" + macro.name + "' takes " + std::to_string(macro.parameters.size()) +
                       " arguments");
    }
    for (const auto& [name, value] : arguments.named) require_parameter(macro, name);
    const Scopes::Outermost outermost(scopes_);
    const Scopes::Inner inner(scopes_);
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
      const auto& [name, otherwise] = macro.parameters[i];
      const Value* given = arguments.find(i, name);
      scopes_.set(name, given ? *given : otherwise ? expressions_.evaluate(*otherwise) : Value(Undefined{name}));
    }
    return captured(*macro.body);
  }

  static void require_parameter(const Macro& macro, const std::string& name) {
    for (const auto& parameter : macro.parameters) {
      if (parameter.first == name) return;
    }
    throw ValueError("the macro '" + macro.name + "' has no argument '" + name + "'");
  }

  Work work_;
  Scopes scopes_;
  ExpressionEvaluator expressions_;
  int loop_depth_ = 0;
};

}  // namespace

std::string render(const Body& body, std::map<std::string, Value> variables) {
  return Evaluator(std::move(variables)).render(body);
}

}  // namespace stac::text::jinja
