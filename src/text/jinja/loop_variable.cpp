#include "text/jinja/loop_variable.hpp"

namespace stac::text::jinja {
namespace {

/// loop.cycle(a, b, ...): its arguments in turn, by the loop's index.
Value make_cycle(Namespace* space) {
  return std::make_shared<const Callable>(Callable{"cycle", [space](const Arguments& arguments) {
                                                     if (arguments.positional.empty())
                                                       throw ValueError("no items for cycling given");
                                                     const auto index = static_cast<std::size_t>(
                                                         space->attributes.at("index0").as_integer());
                                                     return arguments.positional[index % arguments.positional.size()];
                                                   }});
}

/// loop.changed(...): whether its arguments differ from those of its last call.
Value make_changed() {
  const auto last = std::make_shared<Value>();
  return std::make_shared<const Callable>(Callable{"changed", [last](const Arguments& arguments) {
                                                     const Value now = Value::tuple(arguments.positional);
                                                     const bool changed = !equal(*last, now);
                                                     *last = now;
                                                     return Value(changed);
                                                   }});
}

}  // namespace

LoopVariable::LoopVariable(Work& work, const Value::Items& items)
    : items_(items), space_(work.new_namespace()), value_(space_) {
  space_->type = "jinja2.runtime.LoopContext";
  auto& attributes = space_->attributes;
  attributes["length"] = static_cast<std::int64_t>(items.size());
  attributes["depth"] = std::int64_t{1};  // of recursive loops, which there are not
  attributes["depth0"] = std::int64_t{0};
  attributes["cycle"] = make_cycle(space_.get());
  attributes["changed"] = make_changed();
}

void LoopVariable::move_to(std::size_t index) {
  auto& attributes = space_->attributes;
  const std::size_t left = items_.size() - index;
  attributes["index"] = static_cast<std::int64_t>(index + 1);
  attributes["index0"] = static_cast<std::int64_t>(index);
  attributes["revindex"] = static_cast<std::int64_t>(left);
  attributes["revindex0"] = static_cast<std::int64_t>(left - 1);
  attributes["first"] = index == 0;
  attributes["last"] = left == 1;
  attributes["previtem"] = index > 0 ? items_[index - 1] : Value(Undefined{"there is no previous item"});
  attributes["nextitem"] = left > 1 ? items_[index + 1] : Value(Undefined{"there is no next item"});
}

}  // namespace stac::text::jinja
