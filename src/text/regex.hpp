// A Perl-compatible pattern with Unicode classes over UTF-8 text.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stac::text {

struct Span {
  std::size_t begin;
  std::size_t end;
};

class Regex {
 public:
  /// @throws stac::Error  the pattern does not compile: where, and why
  explicit Regex(const std::string& pattern);

  /// Every match from left to right, none overlapping. An empty match counts unless another one ends where it stands.
  /// @param text  valid UTF-8
  /// @throws stac::Error  the match asks for more work than a sane pattern needs
  [[nodiscard]] std::vector<Span> matches(std::string_view text) const;

 private:
  std::shared_ptr<const void> code_;
};

}  // namespace stac::text
