#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/regex.hpp"

#include <pcre2.h>

#include <array>

#include "stac/error.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

constexpr std::uint32_t match_limit = 50'000'000;     // backtracking steps of one match
constexpr std::uint32_t heap_limit_kib = 256 * 1024;  // of the interpreter, where the JIT stack is not enough
constexpr std::size_t jit_stack_bytes = 1024 * 1024;

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

const pcre2_code* as_code(const void* code) { return static_cast<const pcre2_code*>(code); }

/// What one search over a text needs; each search has its own, so that a Regex is shared between threads.
class Matcher {
 public:
  explicit Matcher(const pcre2_code* code)
      : code_(code),
        data_(pcre2_match_data_create_from_pattern(code, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(32 * 1024, jit_stack_bytes, nullptr)) {
    if (!data_ || !context_) throw std::bad_alloc();
    pcre2_set_match_limit(context_.get(), match_limit);
    pcre2_set_heap_limit(context_.get(), heap_limit_kib);
    if (stack_) pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  }

  /// @return whether a match was found at or after `from`
  bool find(std::string_view text, std::size_t from, Span& found) {
    int result = run(text, from, PCRE2_NO_UTF_CHECK);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = run(text, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT);
    if (result == PCRE2_ERROR_NOMATCH) return false;
    if (result < 0) throw Error("the pattern of the tokenizer fails on this text: " + message_of(result));
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data_.get());
    found = {ends[0], ends[1]};
    return true;
  }

 private:
  int run(std::string_view text, std::size_t from, std::uint32_t options) {
    return pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, options, data_.get(),
                       context_.get());
  }

  template <auto Free>
  struct Deleter {
    template <typename T>
    void operator()(T* object) const {
      Free(object);
    }
  };

  const pcre2_code* code_;
  std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>> data_;
  std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>> context_;
  std::unique_ptr<pcre2_jit_stack, Deleter<pcre2_jit_stack_free>> stack_;
};

}  // namespace

Regex::Regex(const std::string& pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP,
                                   &error, &offset, nullptr);
  if (!code) {
    throw Error("pattern '" + pattern + "' does not compile at character " + std::to_string(offset) + ": " +
                message_of(error));
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where the platform has none, the interpreter gives the same answers
  code_ = std::shared_ptr<const void>(code, [](void* c) { pcre2_code_free(static_cast<pcre2_code*>(c)); });
}

std::vector<Span> Regex::matches(std::string_view text) const {
  Matcher matcher(as_code(code_.get()));
  std::vector<Span> spans;
  Span span{};
  for (std::size_t at = 0; at <= text.size() && matcher.find(text, at, span);) {
    const bool again = span.begin == span.end && !spans.empty() && spans.back().end == span.end;
    if (!again) spans.push_back(span);
    at = span.end;
    if (!again) continue;
    if (at >= text.size()) break;
    at += read_utf8(text.substr(at)).length;
  }
  return spans;
}

}  // namespace stac::text
