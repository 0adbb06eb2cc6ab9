// Watches a stream of text for the words that end an answer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace stac::runtime {

class StopText {
 public:
  /// @param stops  the first to appear ends the text; none: nothing does. Empty ones are left out.
  explicit StopText(std::vector<std::string> stops);

  /// Takes the next piece. @return what is certainly no part of a stop text; nothing once one was met
  [[nodiscard]] std::string push(std::string_view piece);
  /// What was held back, at the text's end.
  [[nodiscard]] std::string finish();
  [[nodiscard]] bool met() const { return met_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;  ///< may begin a stop text
  bool met_ = false;
};

}  // namespace stac::runtime
