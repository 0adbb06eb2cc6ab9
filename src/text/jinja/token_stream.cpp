#include "text/jinja/token_stream.hpp"

namespace stac::text::jinja {

Token TokenStream::next() {
  const Token token = current();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  next();
  return true;
}

bool TokenStream::skip_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  next();
  return true;
}

Token TokenStream::expect(TokenKind kind, std::string_view wanted) {
  if (!at(kind)) fail_expecting(wanted);
  return next();
}

void TokenStream::expect_symbol(std::string_view symbol) {
  if (!skip_symbol(symbol)) fail_expecting(symbol);
}

void TokenStream::expect_name(std::string_view name) {
  if (!skip_name(name)) fail_expecting(name);
}

void TokenStream::fail(const std::string& what) const { throw TemplateError(current().where, what); }

void TokenStream::fail_expecting(std::string_view wanted) const {
  const std::string name = "'" + std::string(wanted) + "'";
  if (at(TokenKind::end)) fail("unexpected end of template, expected " + name + ".");
  fail("expected token " + name + ", got " + describe_current());
}

std::string TokenStream::describe_current() const {
  switch (current().kind) {
    case TokenKind::text:
      return "'template data'";
    case TokenKind::block_begin:
      return "'begin of statement block'";
    case TokenKind::block_end:
      return "'end of statement block'";
    case TokenKind::print_begin:
      return "'begin of print statement'";
    case TokenKind::print_end:
      return "'end of print statement'";
    case TokenKind::end:
      return "'end of template'";
    case TokenKind::string:
      return "'string'";
    case TokenKind::integer:
      return "'integer'";
    case TokenKind::real:
      return "'float'";
    default:
      return "'" + current().value + "'";
  }
}

}  // namespace stac::text::jinja
