// `loop` inside a for: where the loop stands.
#pragma once
#include "text/jinja/value.hpp"
#include "text/jinja/work.hpp"

namespace stac::text::jinja {

class LoopVariable {
 public:
  /// @param items  what the loop runs over; outlives this
  LoopVariable(Work& work, const Value::Items& items);

  void move_to(std::size_t index);
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  const Value::Items& items_;
  std::shared_ptr<Namespace> space_;
  Value value_;
};

}  // namespace stac::text::jinja
