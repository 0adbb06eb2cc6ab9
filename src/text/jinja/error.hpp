// Where a template went wrong.
#pragma once
#include <stdexcept>
#include <string>

namespace stac::text::jinja {

struct Location {
  int line = 1;
  int column = 1;
};

class TemplateError : public std::runtime_error {
 public:
  TemplateError(const Location& where, const std::string& what)
      : std::runtime_error("line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " +
                           what),
        message_(what) {}

  /// Without the place.
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// An error of a value's operation; the evaluator adds the place.
class ValueError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace stac::text::jinja
