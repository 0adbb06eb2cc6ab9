#include "text/jinja/parser.hpp"

#include <algorithm>

#include "text/jinja/expression_parser.hpp"
#include "text/jinja/token_stream.hpp"

namespace stac::text::jinja {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokenize(source)), expressions_(tokens_) {}

  Body parse() {
    Body body = parse_body({});
    if (!tokens_.at(TokenKind::end)) tokens_.fail("unexpected " + tokens_.describe_current());
    return body;
  }

 private:
  using Ends = std::initializer_list<std::string_view>;

  bool at_tag(Ends names) const {
    if (!tokens_.at(TokenKind::block_begin) || tokens_.ahead().kind != TokenKind::name) return false;
    return std::find(names.begin(), names.end(), tokens_.ahead().value) != names.end();
  }

  /// Statements until a tag of one of these names, which is not read.
  Body parse_body(Ends ends) {
    const Nesting nesting(depth_, tokens_.current().where);
    Body body;
    while (!tokens_.at(TokenKind::end) && !at_tag(ends)) body.push_back(parse_statement());
    return body;
  }

  /// Statements until the end tag, which is read.
  Body parse_until(std::string_view end, const Location& opened, std::string_view tag) {
    Body body = parse_body({end});
    close(end, opened, tag);
    return body;
  }

  void close(std::string_view end, const Location& opened, std::string_view tag) {
    if (!at_tag({end})) {
      throw TemplateError(opened,
                          "{% " + std::string(tag) + " %} is not closed: {% " + std::string(end) + " %} is missing");
    }
    tokens_.next();
    tokens_.next();
    end_tag();
  }

  void end_tag() { tokens_.expect(TokenKind::block_end, "'%}'"); }

  Statement parse_statement() {
    const Token token = tokens_.next();
    if (token.kind == TokenKind::text) return {token.where, PlainText{token.value}};
    if (token.kind == TokenKind::print_begin) {
      Print print{expressions_.parse_or_tuple()};
      tokens_.expect(TokenKind::print_end, "'}}'");
      return {token.where, std::move(print)};
    }
    return parse_tag(token.where);
  }

  Statement parse_tag(const Location& where) {
    const std::string name = tokens_.expect(TokenKind::name, "a tag's name").value;
    if (name == "for") return {where, parse_for(where)};
    if (name == "if") return {where, parse_if(where)};
    if (name == "set") return {where, parse_set(where)};
    if (name == "macro") return {where, parse_macro(where)};
    if (name == "generation") {
      end_tag();
      return {where, Group{parse_until("endgeneration", where, name)}};
    }
    if (name == "break" || name == "continue") return parse_jump(where, name);
    throw TemplateError(where, "the tag '" + name + "' is not known here");
  }

  Statement parse_jump(const Location& where, const std::string& name) {
    if (loops_ == 0) throw TemplateError(where, "'" + name + "' stands outside a loop");
    end_tag();
    if (name == "break") return {where, Break{}};
    return {where, Continue{}};
  }

  For parse_for(const Location& where) {
    For loop;
    loop.target = parse_names("in");
    tokens_.expect_name("in");
    loop.items = parse_items();
    if (tokens_.skip_name("if")) loop.condition = expressions_.parse();
    if (tokens_.at_name("recursive")) tokens_.fail("'recursive' is not supported");
    end_tag();
    ++loops_;
    loop.body = parse_body({"else", "endfor"});
    --loops_;
    if (skip_tag("else")) {
      end_tag();
      loop.otherwise = parse_body({"endfor"});
    }
    close("endfor", where, "for");
    return loop;
  }

  /// What a loop runs over: no inline if, because an 'if' here is the loop's filter.
  ExpressionPtr parse_items() {
    const Location where = tokens_.current().where;
    ExpressionPtr first = expressions_.parse_without_condition();
    if (!tokens_.at_symbol(",")) return first;
    ListLiteral tuple{{}, true};
    tuple.items.push_back(std::move(first));
    while (tokens_.skip_symbol(",")) tuple.items.push_back(expressions_.parse_without_condition());
    return make_expression(where, std::move(tuple));
  }

  bool skip_tag(std::string_view name) {
    if (!at_tag({name})) return false;
    tokens_.next();
    tokens_.next();
    return true;
  }

  If parse_if(const Location& where) {
    If branches;
    do {
      ExpressionPtr condition = expressions_.parse_or_tuple();
      end_tag();
      Body body = parse_body({"elif", "else", "endif"});
      branches.branches.emplace_back(std::move(condition), std::move(body));
    } while (skip_tag("elif"));
    if (skip_tag("else")) {
      end_tag();
      branches.otherwise = parse_body({"endif"});
    }
    close("endif", where, "if");
    return branches;
  }

  Set parse_set(const Location& where) {
    Set set;
    set.target = parse_target();
    if (tokens_.skip_symbol("=")) {
      set.value = expressions_.parse_or_tuple();
      end_tag();
      return set;
    }
    if (tokens_.at_symbol("|")) tokens_.fail("a filter on a set block is not supported");
    end_tag();
    set.body = parse_until("endset", where, "set");
    return set;
  }

  Target parse_target() {
    const bool dotted =
        tokens_.at(TokenKind::name) && tokens_.ahead().kind == TokenKind::symbol && tokens_.ahead().value == ".";
    if (!dotted) return parse_names("=");
    Target target;
    target.names.push_back(tokens_.next().value);
    tokens_.expect_symbol(".");
    target.attribute = tokens_.expect(TokenKind::name, "an attribute's name").value;
    return target;
  }

  /// name, or (name, name, ...) with or without parentheses
  Target parse_names(std::string_view follows) {
    Target target;
    const bool parenthesis = tokens_.skip_symbol("(");
    target.unpacks = parenthesis;
    target.names.push_back(parse_new_name());
    while (tokens_.skip_symbol(",")) {
      target.unpacks = true;
      const bool ends = tokens_.at_symbol(")") || tokens_.at_symbol(follows) || tokens_.at_name(follows);
      if (!ends) target.names.push_back(parse_new_name());
    }
    if (parenthesis) {
      tokens_.expect_symbol(")");
      target.unpacks = target.names.size() > 1;
    }
    return target;
  }

  std::string parse_new_name() {
    const Token name = tokens_.expect(TokenKind::name, "a name");
    for (const char* reserved : {"true", "false", "none", "True", "False", "None", "loop"}) {
      if (name.value == reserved) throw TemplateError(name.where, "'" + name.value + "' cannot be assigned to");
    }
    return name.value;
  }

  Macro parse_macro(const Location& where) {
    Macro macro;
    macro.name = parse_new_name();
    tokens_.expect_symbol("(");
    while (!tokens_.at_symbol(")")) {
      std::string name = parse_new_name();
      ExpressionPtr otherwise = tokens_.skip_symbol("=") ? expressions_.parse() : nullptr;
      macro.parameters.emplace_back(std::move(name), std::move(otherwise));
      if (!tokens_.skip_symbol(",")) break;
    }
    tokens_.expect_symbol(")");
    end_tag();
    const int outer_loops = std::exchange(loops_, 0);
    macro.body = std::make_shared<const Body>(parse_until("endmacro", where, "macro"));
    loops_ = outer_loops;
    return macro;
  }

  TokenStream tokens_;
  ExpressionParser expressions_;
  int depth_ = 0;
  int loops_ = 0;
};

}  // namespace

Body parse_template(std::string_view source) { return Parser(source).parse(); }

}  // namespace stac::text::jinja
