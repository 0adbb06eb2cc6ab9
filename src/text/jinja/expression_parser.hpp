// Expressions of a template, with Jinja's precedence.
#pragma once
#include "text/jinja/ast.hpp"
#include "text/jinja/token_stream.hpp"

namespace stac::text::jinja {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

  /// All throw TemplateError with the place of the first token that does not fit.
  [[nodiscard]] ExpressionPtr parse();           ///< one expression
  [[nodiscard]] ExpressionPtr parse_or_tuple();  ///< one, or several with commas between
  [[nodiscard]] ExpressionPtr parse_without_condition();
  [[nodiscard]] CallArguments parse_arguments();  ///< from '(' to ')'

  /// Filters and tests that are not known, in the order in which they stand. Like Jinja, which refuses them at once
  /// except in the branches of an if: there they fail when they are run.
  [[nodiscard]] std::size_t unknown_names() const { return unknown_.size(); }
  /// Leaves those that stand behind the first `count` to be found out when they are run.
  void allow_unknown_after(std::size_t count) {
    unknown_.erase(unknown_.begin() + static_cast<std::ptrdiff_t>(count), unknown_.end());
  }
  /// @throws TemplateError  one stands behind the first `count`
  void require_known_after(std::size_t count) const {
    if (unknown_.size() > count) throw unknown_[count];
  }

  /// A chain of filters on a value: `upper | trim`, or from its first "|" on.
  [[nodiscard]] ExpressionPtr parse_block_filters(ExpressionPtr text);

 private:
  [[nodiscard]] bool at_tuple_end() const;
  [[nodiscard]] ExpressionPtr parse_or();
  [[nodiscard]] ExpressionPtr parse_and();
  [[nodiscard]] ExpressionPtr parse_not();
  [[nodiscard]] ExpressionPtr parse_comparison();
  [[nodiscard]] ExpressionPtr parse_sum();
  [[nodiscard]] ExpressionPtr parse_concat();
  [[nodiscard]] ExpressionPtr parse_product();
  [[nodiscard]] ExpressionPtr parse_power();
  [[nodiscard]] ExpressionPtr parse_unary();
  [[nodiscard]] ExpressionPtr parse_signed();
  [[nodiscard]] ExpressionPtr parse_primary();
  [[nodiscard]] ExpressionPtr parse_name();
  [[nodiscard]] ExpressionPtr parse_number();
  [[nodiscard]] ExpressionPtr parse_string();
  [[nodiscard]] ExpressionPtr parse_parenthesis();
  [[nodiscard]] ExpressionPtr parse_list();
  [[nodiscard]] ExpressionPtr parse_dict();
  [[nodiscard]] ExpressionPtr parse_postfix(ExpressionPtr object);
  [[nodiscard]] ExpressionPtr parse_filters(ExpressionPtr object);
  [[nodiscard]] ExpressionPtr parse_attribute(ExpressionPtr object);
  [[nodiscard]] ExpressionPtr parse_subscript(ExpressionPtr object);
  [[nodiscard]] ExpressionPtr parse_slice(ExpressionPtr object, ExpressionPtr begin, const Location& where);
  [[nodiscard]] ExpressionPtr parse_call(ExpressionPtr callee);
  [[nodiscard]] ExpressionPtr parse_filter(ExpressionPtr input);
  [[nodiscard]] ExpressionPtr parse_filter_name(ExpressionPtr input, const Location& where);
  [[nodiscard]] ExpressionPtr parse_test(ExpressionPtr input);
  [[nodiscard]] bool at_compare_operator(CompareOperator& op);
  [[nodiscard]] bool at_test_argument() const;

  TokenStream& tokens_;
  int depth_ = 0;
  std::vector<TemplateError> unknown_;
};

}  // namespace stac::text::jinja
