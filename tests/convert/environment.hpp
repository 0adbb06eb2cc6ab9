// An environment variable set for one scope, so that tests neither see nor change what the user's tools use.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace stac::convert {

class Environment {
 public:
  Environment(std::string variable, const std::filesystem::path& value) : variable_(std::move(variable)) {
    if (const char* const before = std::getenv(variable_.c_str())) before_ = before;
    ::setenv(variable_.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    if (before_) {
      ::setenv(variable_.c_str(), before_->c_str(), 1);
    } else {
      ::unsetenv(variable_.c_str());
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string variable_;
  std::optional<std::string> before_;
};

}  // namespace stac::convert
