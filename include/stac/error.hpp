// Errors that reach a person: what was wrong, where, and what to do.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace stac {

/// The content or the work failed (exit status 1).
class Error : public std::runtime_error {
 public:
  /// @param what  what was wrong and where: a file, a tensor, a flag
  /// @param hint  what to do about it; may be empty
  explicit Error(const std::string& what, std::string hint = {}) : std::runtime_error(what), hint_(std::move(hint)) {}
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

/// The command was used wrongly (exit status 2).
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace stac
