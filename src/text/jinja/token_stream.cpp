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
  if (!at(kind)) fail("expected " + std::string(wanted) + " but found " + describe_current());
  return next();
}

void TokenStream::expect_symbol(std::string_view symbol) {
  if (!skip_symbol(symbol)) fail("expected '" + std::string(symbol) + "' but found " + describe_current());
}

void TokenStream::expect_name(std::string_view name) {
  if (!skip_name(name)) fail("expected '" + std::string(name) + "' but found " + describe_current());
}

void TokenStream::fail(const std::string& what) const { throw TemplateError(current().where, what); }

std::string TokenStream::describe_current() const {
  switch (current().kind) {
    case TokenKind::text:
      return "text";
    case TokenKind::block_begin:
      return "'{%'";
    case TokenKind::block_end:
      return "'%}'";
    case TokenKind::print_begin:
      return "'{{'";
    case TokenKind::print_end:
      return "'}}'";
    case TokenKind::end:
      return "the end of the template";
    case TokenKind::string:
      return "a string";
    default:
      return "'" + current().value + "'";
  }
}

}  // namespace stac::text::jinja
