// The tokens that the parser has still to read.
#pragma once
#include <string_view>
#include <vector>

#include "text/jinja/lexer.hpp"

namespace stac::text::jinja {

class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] const Token& ahead() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  [[nodiscard]] bool at(TokenKind kind) const { return current().kind == kind; }
  [[nodiscard]] bool at_name(std::string_view name) const { return at(TokenKind::name) && current().value == name; }
  [[nodiscard]] bool at_symbol(std::string_view symbol) const {
    return at(TokenKind::symbol) && current().value == symbol;
  }

  /// Returns the current token and moves on; the end is never passed.
  Token next();
  bool skip_name(std::string_view name);
  bool skip_symbol(std::string_view symbol);

  /// All throw TemplateError saying what was wanted and what is there.
  Token expect(TokenKind kind, std::string_view wanted);
  void expect_symbol(std::string_view symbol);
  void expect_name(std::string_view name);
  [[noreturn]] void fail(const std::string& what) const;
  /// The current token in quotes, as Jinja names it in messages.
  [[nodiscard]] std::string describe_current() const;

 private:
  [[noreturn]] void fail_expecting(std::string_view wanted) const;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

/// Counts how deeply the parser is nested; the tree is walked by recursion later.
class Nesting {
 public:
  /// @throws TemplateError  too deep
  Nesting(int& depth, const Location& where) : depth_(depth) {
    if (++depth_ > deepest) throw TemplateError(where, "the template is nested too deeply");
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  static constexpr int deepest = 150;
  int& depth_;
};

}  // namespace stac::text::jinja
