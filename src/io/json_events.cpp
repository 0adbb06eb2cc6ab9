#include "io/json_events.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

constexpr const char* kHint = "the file looks damaged: fetch or write it again";

/// Reads characters and keeps a note of how far the parser came, which its events do not say.
class NotingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  NotingIterator(const char* at, const char** progress) : at_(at), progress_(progress) {}
  reference operator*() const { return *at_; }
  NotingIterator& operator++() {
    *progress_ = ++at_;
    return *this;
  }
  NotingIterator operator++(int) {
    const NotingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const NotingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const NotingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** progress_;
};

/// The library's message without its "[json.exception...] parse error at line 1, column 2: ".
std::string syntax_rule(const std::string& message) {
  const std::size_t place = message.find("parse error at ");
  const std::size_t reason = place == std::string::npos ? std::string::npos : message.find(": ", place);
  const std::size_t id = message.find("] ");
  const std::size_t begin = reason != std::string::npos ? reason + 2 : (id != std::string::npos ? id + 2 : 0);
  return "not valid JSON: " + printable(std::string_view(message).substr(begin), 200);
}

[[noreturn]] void refuse(std::string_view text, std::size_t offset, const std::string& where, const std::string& rule) {
  throw Error(where + ": " + describe_position(text, offset) + ": " + rule, kHint);
}

}  // namespace

bool JsonEvents::binary(binary_t&) { return fail("a binary value"); }

bool JsonEvents::parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
  syntax_position_ = position;
  return fail(syntax_rule(error.what()));
}

bool JsonEvents::fail(std::string rule) {
  failure_ = std::move(rule);
  return false;
}

std::string describe_position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1) + " (byte " +
         std::to_string(offset) + ")";
}

void read_json_events(std::string_view text, const std::string& where, JsonEvents& events) {
  // The library takes a NUL for the end of the text, and would not look at what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    refuse(text, nul, where, "not valid JSON: a NUL byte");
  }
  const char* progress = text.data();
  nlohmann::json_sax<nlohmann::json>* sax = &events;
  const bool done = nlohmann::json::sax_parse(NotingIterator(text.data(), &progress),
                                              NotingIterator(text.data() + text.size(), &progress), sax);
  if (done) return;
  const std::size_t consumed = events.syntax_position().value_or(static_cast<std::size_t>(progress - text.data()));
  refuse(text, consumed == 0 ? 0 : consumed - 1, where, events.failure());
}

}  // namespace stac::io
