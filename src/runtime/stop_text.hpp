// Watches a stream of text for the words that end an answer.
#pragma once
#include <string>
#include <string_view>

namespace stac::runtime {

class StopText {
 public:
  /// @param stop  empty: nothing ends the text
  explicit StopText(std::string stop) : stop_(std::move(stop)) {}

  /// Takes the next piece. @return what is certainly no part of the stop text; nothing once it was met
  [[nodiscard]] std::string push(std::string_view piece);
  /// What was held back, at the text's end.
  [[nodiscard]] std::string finish();
  [[nodiscard]] bool met() const { return met_; }

 private:
  std::string stop_;
  std::string held_;  ///< may begin the stop text
  bool met_ = false;
};

}  // namespace stac::runtime
