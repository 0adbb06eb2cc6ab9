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

 private:
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
  [[nodiscard]] ExpressionPtr parse_test(ExpressionPtr input);
  [[nodiscard]] bool at_compare_operator(CompareOperator& op);
  [[nodiscard]] bool at_test_argument() const;

  TokenStream& tokens_;
  int depth_ = 0;
};

}  // namespace stac::text::jinja
