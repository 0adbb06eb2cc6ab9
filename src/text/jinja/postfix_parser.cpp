// What follows a primary expression: attributes, elements, slices, calls, filters, tests.
#include "text/jinja/expression_parser.hpp"
#include "text/jinja/filters.hpp"

namespace stac::text::jinja {

ExpressionPtr ExpressionParser::parse_postfix(ExpressionPtr object) {
  while (true) {
    if (tokens_.at_symbol(".")) {
      object = parse_attribute(std::move(object));
    } else if (tokens_.at_symbol("[")) {
      object = parse_subscript(std::move(object));
    } else if (tokens_.at_symbol("(")) {
      object = parse_call(std::move(object));
    } else {
      return object;
    }
  }
}

ExpressionPtr ExpressionParser::parse_filters(ExpressionPtr object) {
  while (true) {
    if (tokens_.at_symbol("|")) {
      object = parse_filter(std::move(object));
    } else if (tokens_.at_name("is")) {
      object = parse_test(std::move(object));
    } else if (tokens_.at_symbol("(")) {
      object = parse_call(std::move(object));
    } else {
      return object;
    }
  }
}

ExpressionPtr ExpressionParser::parse_attribute(ExpressionPtr object) {
  const Location where = tokens_.next().where;
  if (tokens_.at(TokenKind::integer)) {
    return make_expression(where, Subscript{std::move(object), parse_number()});  // items.0
  }
  if (!tokens_.at(TokenKind::name)) tokens_.fail("expected name or number");
  const Token name = tokens_.next();
  return make_expression(where, Attribute{std::move(object), name.value});
}

ExpressionPtr ExpressionParser::parse_subscript(ExpressionPtr object) {
  const Location where = tokens_.next().where;
  ExpressionPtr first = tokens_.at_symbol(":") ? nullptr : parse_or_tuple();
  if (tokens_.at_symbol(":")) return parse_slice(std::move(object), std::move(first), where);
  tokens_.expect_symbol("]");
  return make_expression(where, Subscript{std::move(object), std::move(first)});
}

ExpressionPtr ExpressionParser::parse_slice(ExpressionPtr object, ExpressionPtr begin, const Location& where) {
  Slice slice{std::move(object), std::move(begin), nullptr, nullptr};
  tokens_.expect_symbol(":");
  if (!tokens_.at_symbol(":") && !tokens_.at_symbol("]")) slice.end = parse();
  if (tokens_.skip_symbol(":") && !tokens_.at_symbol("]")) slice.step = parse();
  tokens_.expect_symbol("]");
  return make_expression(where, std::move(slice));
}

ExpressionPtr ExpressionParser::parse_call(ExpressionPtr callee) {
  const Location where = tokens_.current().where;
  CallArguments arguments = parse_arguments();
  return make_expression(where, Call{std::move(callee), std::move(arguments)});
}

CallArguments ExpressionParser::parse_arguments() {
  tokens_.expect_symbol("(");
  CallArguments arguments;
  while (!tokens_.at_symbol(")")) {
    if (tokens_.at_symbol("*") || tokens_.at_symbol("**")) tokens_.fail("unpacked arguments are not supported");
    const bool named =
        tokens_.at(TokenKind::name) && tokens_.ahead().kind == TokenKind::symbol && tokens_.ahead().value == "=";
    if (named) {
      const std::string name = tokens_.next().value;
      tokens_.expect_symbol("=");
      arguments.named.emplace_back(name, parse());
    } else if (!arguments.named.empty()) {
      tokens_.fail("invalid syntax for function call expression");
    } else {
      arguments.positional.push_back(parse());
    }
    if (!tokens_.skip_symbol(",")) break;
  }
  tokens_.expect_symbol(")");
  return arguments;
}

ExpressionPtr ExpressionParser::parse_filter(ExpressionPtr input) {
  const Location where = tokens_.next().where;
  return parse_filter_name(std::move(input), where);
}

ExpressionPtr ExpressionParser::parse_filter_name(ExpressionPtr input, const Location& where) {
  Filter filter{std::move(input), tokens_.expect(TokenKind::name, "name").value, {}};
  if (!is_filter(filter.name)) unknown_.emplace_back(where, "No filter named '" + filter.name + "'.");
  if (tokens_.at_symbol("(")) filter.arguments = parse_arguments();
  return make_expression(where, std::move(filter));
}

ExpressionPtr ExpressionParser::parse_block_filters(ExpressionPtr text) {
  const Location where = tokens_.current().where;
  if (!tokens_.at_symbol("|")) text = parse_filter_name(std::move(text), where);
  while (tokens_.at_symbol("|")) text = parse_filter(std::move(text));
  return text;
}

/// `x is divisibleby 3`: an argument may follow a test without parentheses.
bool ExpressionParser::at_test_argument() const {
  switch (tokens_.current().kind) {
    case TokenKind::string:
    case TokenKind::integer:
    case TokenKind::real:
      return true;
    case TokenKind::symbol:
      return tokens_.at_symbol("[") || tokens_.at_symbol("{");
    case TokenKind::name:
      for (const char* keyword : {"else", "or", "and", "if", "in", "not", "is"}) {
        if (tokens_.at_name(keyword)) return false;
      }
      return true;
    default:
      return false;
  }
}

ExpressionPtr ExpressionParser::parse_test(ExpressionPtr input) {
  const Location where = tokens_.next().where;
  Test test{std::move(input), {}, {}, tokens_.skip_name("not")};
  test.name = tokens_.expect(TokenKind::name, "name").value;
  if (!is_test(test.name)) unknown_.emplace_back(where, "No test named '" + test.name + "'.");
  if (tokens_.at_symbol("(")) {
    test.arguments = parse_arguments();
  } else if (at_test_argument()) {
    const Nesting nesting(depth_, where);
    test.arguments.positional.push_back(parse_postfix(parse_primary()));
  }
  return make_expression(where, std::move(test));
}

}  // namespace stac::text::jinja
