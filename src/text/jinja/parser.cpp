#include "text/jinja/parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/jinja/expression_parser.hpp"
#include "text/jinja/token_stream.hpp"

namespace stac::text::jinja {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokenize(source)), expressions_(tokens_) {}

  Body parse() {
    Body body = parse_body({});
    expressions_.require_known_after(0);
    return body;
  }

 private:
  using Ends = std::vector<std::string_view>;

  bool at_tag(const Ends& names) const {
    if (!tokens_.at(TokenKind::block_begin) || tokens_.ahead().kind != TokenKind::name) return false;
    return std::find(names.begin(), names.end(), tokens_.ahead().value) != names.end();
  }

  /// Statements until a tag of one of these names, which is not read; until the end where there are none.
  Body parse_body(const Ends& ends) {
    const Nesting nesting(depth_, tokens_.current().where);
    const Ends outer = std::exchange(wanted_, ends);
    Body body;
    while (!tokens_.at(TokenKind::end) && !at_tag(ends)) body.push_back(parse_statement());
    if (tokens_.at(TokenKind::end) && !ends.empty()) fail_at_tag("Unexpected end of template.", "");
    wanted_ = outer;
    return body;
  }

  /// Statements until the end tag, which is read.
  Body parse_until(std::string_view end) {
    Body body = parse_body({end});
    close();
    return body;
  }

  /// Reads the end tag that the body before it stopped at.
  void close() {
    tokens_.next();
    tokens_.next();
    end_tag();
  }

  void end_tag() { tokens_.expect(TokenKind::block_end, "end of statement block"); }

  /// Says what stands here, and which tags would have closed the innermost open one.
  [[noreturn]] void fail_at_tag(const std::string& what, const std::string& name) const {
    std::string wanted;
    for (const std::string_view end : wanted_) wanted += (wanted.empty() ? "'" : " or '") + std::string(end) + "'";
    std::string message = what;
    if (!wanted.empty()) {
      const bool nested_wrongly = !name.empty() && wanted.find(name) != std::string::npos;
      message += nested_wrongly ? " You probably made a nesting mistake. Jinja is expecting this tag, but currently "
                                  "looking for " +
                                      wanted + "."
                                : " Jinja was looking for the following tags: " + wanted + ".";
    }
    if (!open_tags_.empty()) {
      message += " The innermost block that needs to be closed is '" + open_tags_.back() + "'.";
    }
    tokens_.fail(message);
  }

  Statement parse_statement() {
    const Token token = tokens_.next();
    if (token.kind == TokenKind::text) return {token.where, PlainText{token.value}};
    if (token.kind == TokenKind::print_begin) {
      Print print{expressions_.parse_or_tuple()};
      tokens_.expect(TokenKind::print_end, "end of print statement");
      return {token.where, std::move(print)};
    }
    return parse_tag(token.where);
  }

  Statement parse_tag(const Location& where) {
    if (!tokens_.at(TokenKind::name)) tokens_.fail("tag name expected");
    const std::string name = tokens_.current().value;
    if (!is_known(name)) fail_at_tag("Encountered unknown tag '" + name + "'.", name);
    tokens_.next();
    open_tags_.push_back(name);
    Statement statement = parse_open_tag(where, name);
    open_tags_.pop_back();
    return statement;
  }

  static bool is_known(const std::string& name) {
    static constexpr std::array<std::string_view, 9> tags = {"for",    "if",         "set",   "macro",   "with",
                                                             "filter", "generation", "break", "continue"};
    return std::find(tags.begin(), tags.end(), name) != tags.end();
  }

  Statement parse_open_tag(const Location& where, const std::string& name) {
    if (name == "for") return {where, parse_for()};
    if (name == "if") return {where, parse_if()};
    if (name == "break" || name == "continue") return parse_jump(where, name);
    // What follows is refused at once where it is not known, though the tag may stand in an if.
    const std::size_t known = expressions_.unknown_names();
    Statement statement = parse_scoped_tag(where, name);
    if (name != "set" || std::get<Set>(statement.node).is_block) expressions_.require_known_after(known);
    return statement;
  }

  Statement parse_scoped_tag(const Location& where, const std::string& name) {
    if (name == "set") return {where, parse_set(where)};
    if (name == "macro") return {where, parse_macro()};
    if (name == "with") return {where, parse_with()};
    if (name == "filter") return {where, parse_filter_block(where)};
    end_tag();
    return {where, Group{parse_until("endgeneration")}};
  }

  Statement parse_jump(const Location& where, const std::string& name) {
    if (loops_ == 0) throw TemplateError(where, "'" + name + "' outside loop");
    end_tag();
    if (name == "break") return {where, Break{}};
    return {where, Continue{}};
  }

  For parse_for() {
    For loop;
    loop.target = parse_names("in");
    tokens_.expect_name("in");
    loop.items = parse_items();
    if (tokens_.skip_name("if")) loop.condition = expressions_.parse();
    if (tokens_.at_name("recursive")) tokens_.fail("'recursive' is not supported");
    end_tag();
    const std::size_t known = expressions_.unknown_names();
    ++loops_;
    loop.body = parse_body({"endfor", "else"});
    --loops_;
    if (skip_tag("else")) {
      end_tag();
      loop.otherwise = parse_body({"endfor"});
    }
    close();
    expressions_.require_known_after(known);  // Jinja's loop bodies are strict, also within an if
    return loop;
  }

  /// What a loop runs over: no inline if, because an 'if' here is the loop's filter.
  ExpressionPtr parse_items() {
    const Location where = tokens_.current().where;
    if (tokens_.at(TokenKind::block_end)) fail_without_expression();
    ExpressionPtr first = expressions_.parse_without_condition();
    if (!tokens_.at_symbol(",")) return first;
    ListLiteral tuple{{}, true};
    tuple.items.push_back(std::move(first));
    while (tokens_.skip_symbol(",")) tuple.items.push_back(expressions_.parse_without_condition());
    return make_expression(where, std::move(tuple));
  }

  [[noreturn]] void fail_without_expression() const {
    tokens_.fail("Expected an expression, got " + tokens_.describe_current());
  }

  bool skip_tag(std::string_view name) {
    if (!at_tag({name})) return false;
    tokens_.next();
    tokens_.next();
    return true;
  }

  If parse_if() {
    const std::size_t known = expressions_.unknown_names();
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
    close();
    expressions_.allow_unknown_after(known);
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
    set.is_block = true;
    if (tokens_.at_symbol("|")) set.value = expressions_.parse_block_filters(block_text_at(where));
    end_tag();
    set.body = parse_until("endset");
    return set;
  }

  static ExpressionPtr block_text_at(const Location& where) { return make_expression(where, Name{block_text}); }

  FilterBlock parse_filter_block(const Location& where) {
    FilterBlock block;
    block.filters = expressions_.parse_block_filters(block_text_at(where));
    end_tag();
    block.body = parse_until("endfilter");
    return block;
  }

  With parse_with() {
    With with;
    while (!tokens_.at(TokenKind::block_end)) {
      if (!with.assignments.empty()) tokens_.expect_symbol(",");
      Target target;
      target.names.push_back(parse_new_name());
      tokens_.expect_symbol("=");
      with.assignments.emplace_back(std::move(target), expressions_.parse());
    }
    end_tag();
    with.body = parse_until("endwith");
    return with;
  }

  Target parse_target() {
    const bool dotted =
        tokens_.at(TokenKind::name) && tokens_.ahead().kind == TokenKind::symbol && tokens_.ahead().value == ".";
    if (!dotted) return parse_names("=");
    Target target;
    target.names.push_back(tokens_.next().value);
    tokens_.expect_symbol(".");
    target.attribute = tokens_.expect(TokenKind::name, "name").value;
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

  static bool is_reserved(const std::string& name) {
    static constexpr std::array<std::string_view, 6> constants = {"true", "false", "none", "True", "False", "None"};
    return std::find(constants.begin(), constants.end(), name) != constants.end();
  }

  std::string parse_new_name() {
    if (tokens_.at(TokenKind::block_end)) fail_without_expression();
    const bool literal = tokens_.at(TokenKind::string) || tokens_.at(TokenKind::integer) || tokens_.at(TokenKind::real);
    if (literal || (tokens_.at(TokenKind::name) && is_reserved(tokens_.current().value))) {
      tokens_.fail("can't assign to 'const'");
    }
    if (tokens_.at_name("loop")) tokens_.fail("can't assign to special loop variable in for-loop target");
    return tokens_.expect(TokenKind::name, "name").value;
  }

  /// A macro's own name, or that of a parameter.
  std::string parse_macro_name() {
    const Token name = tokens_.expect(TokenKind::name, "name");
    if (is_reserved(name.value)) throw TemplateError(name.where, "can't assign to 'name'");
    return name.value;
  }

  Macro parse_macro() {
    Macro macro;
    macro.name = parse_macro_name();
    tokens_.expect_symbol("(");
    while (!tokens_.at_symbol(")")) {
      std::string name = parse_macro_name();
      ExpressionPtr otherwise = tokens_.skip_symbol("=") ? expressions_.parse() : nullptr;
      macro.parameters.emplace_back(std::move(name), std::move(otherwise));
      if (!tokens_.skip_symbol(",")) break;
    }
    tokens_.expect_symbol(")");
    end_tag();
    const int outer_loops = std::exchange(loops_, 0);
    macro.body = std::make_shared<const Body>(parse_until("endmacro"));
    loops_ = outer_loops;
    return macro;
  }

  TokenStream tokens_;
  ExpressionParser expressions_;
  int depth_ = 0;
  int loops_ = 0;
  Ends wanted_;                         ///< tags that end the body being read
  std::vector<std::string> open_tags_;  ///< around what is being read
};

}  // namespace

Body parse_template(std::string_view source) { return Parser(source).parse(); }

}  // namespace stac::text::jinja
