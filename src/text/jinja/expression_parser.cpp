#include "text/jinja/expression_parser.hpp"

#include <array>
#include <charconv>

namespace stac::text::jinja {
namespace {

struct OperatorSymbol {
  std::string_view symbol;
  BinaryOperator op;
};

std::optional<BinaryOperator> find_operator(const TokenStream& tokens,
                                            std::initializer_list<OperatorSymbol> candidates) {
  for (const OperatorSymbol& candidate : candidates) {
    if (tokens.at_symbol(candidate.symbol)) return candidate.op;
  }
  return std::nullopt;
}

ExpressionPtr make_binary(const Location& where, BinaryOperator op, ExpressionPtr left, ExpressionPtr right) {
  return make_expression(where, Binary{op, std::move(left), std::move(right)});
}

}  // namespace

ExpressionPtr ExpressionParser::parse() {
  const Nesting nesting(depth_, tokens_.current().where);
  const std::size_t known = unknown_names();
  ExpressionPtr value = parse_or();
  const bool conditional = tokens_.at_name("if");
  while (tokens_.at_name("if")) {
    const Location where = tokens_.next().where;
    ExpressionPtr condition = parse_or();
    ExpressionPtr otherwise = tokens_.skip_name("else") ? parse() : nullptr;
    value = make_expression(where, Conditional{std::move(condition), std::move(value), std::move(otherwise)});
  }
  if (conditional) allow_unknown_after(known);
  return value;
}

ExpressionPtr ExpressionParser::parse_without_condition() {
  const Nesting nesting(depth_, tokens_.current().where);
  return parse_or();
}

bool ExpressionParser::at_tuple_end() const {
  return tokens_.at(TokenKind::block_end) || tokens_.at(TokenKind::print_end) || tokens_.at_symbol(")");
}

ExpressionPtr ExpressionParser::parse_or_tuple() {
  const Location where = tokens_.current().where;
  if (at_tuple_end()) tokens_.fail("Expected an expression, got " + tokens_.describe_current());
  ExpressionPtr first = parse();
  if (!tokens_.at_symbol(",")) return first;
  ListLiteral tuple{{}, true};
  tuple.items.push_back(std::move(first));
  while (tokens_.skip_symbol(",")) {
    if (at_tuple_end()) break;
    tuple.items.push_back(parse());
  }
  return make_expression(where, std::move(tuple));
}

ExpressionPtr ExpressionParser::parse_or() {
  ExpressionPtr left = parse_and();
  while (tokens_.at_name("or")) {
    const Location where = tokens_.next().where;
    left = make_binary(where, BinaryOperator::logical_or, std::move(left), parse_and());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_and() {
  ExpressionPtr left = parse_not();
  while (tokens_.at_name("and")) {
    const Location where = tokens_.next().where;
    left = make_binary(where, BinaryOperator::logical_and, std::move(left), parse_not());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_not() {
  if (!tokens_.at_name("not")) return parse_comparison();
  const Location where = tokens_.next().where;
  const Nesting nesting(depth_, where);
  return make_expression(where, Unary{UnaryOperator::logical_not, parse_not()});
}

bool ExpressionParser::at_compare_operator(CompareOperator& op) {
  static constexpr std::array<std::pair<std::string_view, CompareOperator>, 6> symbols = {
      {{"==", CompareOperator::equal},
       {"!=", CompareOperator::not_equal},
       {"<=", CompareOperator::less_equal},
       {">=", CompareOperator::greater_equal},
       {"<", CompareOperator::less},
       {">", CompareOperator::greater}}};
  for (const auto& [symbol, which] : symbols) {
    op = which;
    if (tokens_.skip_symbol(symbol)) return true;
  }
  op = CompareOperator::in;
  if (tokens_.skip_name("in")) return true;
  const bool not_in =
      tokens_.at_name("not") && tokens_.ahead().kind == TokenKind::name && tokens_.ahead().value == "in";
  if (!not_in) return false;
  tokens_.next();
  tokens_.next();
  op = CompareOperator::not_in;
  return true;
}

ExpressionPtr ExpressionParser::parse_comparison() {
  const Location where = tokens_.current().where;
  ExpressionPtr first = parse_sum();
  Comparison comparison;
  CompareOperator op{};
  while (at_compare_operator(op)) comparison.rest.emplace_back(op, parse_sum());
  if (comparison.rest.empty()) return first;
  comparison.first = std::move(first);
  return make_expression(where, std::move(comparison));
}

ExpressionPtr ExpressionParser::parse_sum() {
  ExpressionPtr left = parse_concat();
  while (const auto op = find_operator(tokens_, {{"+", BinaryOperator::add}, {"-", BinaryOperator::subtract}})) {
    const Location where = tokens_.next().where;
    left = make_binary(where, *op, std::move(left), parse_concat());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_concat() {
  ExpressionPtr left = parse_product();
  while (tokens_.at_symbol("~")) {
    const Location where = tokens_.next().where;
    left = make_binary(where, BinaryOperator::concat, std::move(left), parse_product());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_product() {
  ExpressionPtr left = parse_power();
  while (const auto op = find_operator(tokens_, {{"*", BinaryOperator::multiply},
                                                 {"/", BinaryOperator::divide},
                                                 {"//", BinaryOperator::floor_divide},
                                                 {"%", BinaryOperator::modulo}})) {
    const Location where = tokens_.next().where;
    left = make_binary(where, *op, std::move(left), parse_power());
  }
  return left;
}

ExpressionPtr ExpressionParser::parse_power() {
  ExpressionPtr left = parse_unary();
  while (tokens_.at_symbol("**")) {
    const Location where = tokens_.next().where;
    left = make_binary(where, BinaryOperator::power, std::move(left), parse_unary());
  }
  return left;
}

/// Filters bind weaker than a sign: -x|abs is (-x)|abs.
ExpressionPtr ExpressionParser::parse_unary() { return parse_filters(parse_signed()); }

ExpressionPtr ExpressionParser::parse_signed() {
  const Location where = tokens_.current().where;
  const Nesting nesting(depth_, where);
  if (tokens_.skip_symbol("-")) {
    return parse_postfix(make_expression(where, Unary{UnaryOperator::negate, parse_signed()}));
  }
  if (tokens_.skip_symbol("+")) {
    return parse_postfix(make_expression(where, Unary{UnaryOperator::plus, parse_signed()}));
  }
  return parse_postfix(parse_primary());
}

ExpressionPtr ExpressionParser::parse_primary() {
  if (tokens_.at(TokenKind::name)) return parse_name();
  if (tokens_.at(TokenKind::string)) return parse_string();
  if (tokens_.at(TokenKind::integer) || tokens_.at(TokenKind::real)) return parse_number();
  if (tokens_.at_symbol("(")) return parse_parenthesis();
  if (tokens_.at_symbol("[")) return parse_list();
  if (tokens_.at_symbol("{")) return parse_dict();
  tokens_.fail("unexpected " + tokens_.describe_current());
}

ExpressionPtr ExpressionParser::parse_name() {
  const Token token = tokens_.next();
  const std::string& name = token.value;
  if (name == "true" || name == "True") return make_expression(token.where, Literal{true});
  if (name == "false" || name == "False") return make_expression(token.where, Literal{false});
  if (name == "none" || name == "None") return make_expression(token.where, Literal{None{}});
  return make_expression(token.where, Name{name});
}

ExpressionPtr ExpressionParser::parse_number() {
  const Token token = tokens_.next();
  const char* begin = token.value.data();
  const char* end = begin + token.value.size();
  if (token.kind == TokenKind::real) {
    double number = 0;
    std::from_chars(begin, end, number);
    return make_expression(token.where, Literal{number});
  }
  std::int64_t number = 0;
  if (std::from_chars(begin, end, number).ec != std::errc())
    throw TemplateError(token.where, "the number is too large");
  return make_expression(token.where, Literal{number});
}

ExpressionPtr ExpressionParser::parse_string() {
  const Location where = tokens_.current().where;
  std::string text;
  while (tokens_.at(TokenKind::string)) text += tokens_.next().value;  // neighbours are one string
  return make_expression(where, Literal{Value(std::move(text))});
}

ExpressionPtr ExpressionParser::parse_parenthesis() {
  const Location where = tokens_.next().where;
  if (tokens_.skip_symbol(")")) return make_expression(where, ListLiteral{{}, true});
  ExpressionPtr inside = parse_or_tuple();
  tokens_.expect_symbol(")");
  return inside;
}

ExpressionPtr ExpressionParser::parse_list() {
  const Location where = tokens_.next().where;
  ListLiteral list{{}, false};
  while (!tokens_.at_symbol("]")) {
    list.items.push_back(parse());
    if (!tokens_.skip_symbol(",")) break;
  }
  tokens_.expect_symbol("]");
  return make_expression(where, std::move(list));
}

ExpressionPtr ExpressionParser::parse_dict() {
  const Location where = tokens_.next().where;
  DictLiteral dict;
  while (!tokens_.at_symbol("}")) {
    ExpressionPtr key = parse();
    tokens_.expect_symbol(":");
    dict.pairs.emplace_back(std::move(key), parse());
    if (!tokens_.skip_symbol(",")) break;
  }
  tokens_.expect_symbol("}");
  return make_expression(where, std::move(dict));
}

}  // namespace stac::text::jinja
