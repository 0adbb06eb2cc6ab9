#include "text/pipeline/normalizer.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

#include "stac/error.hpp"
#include "text/character_class.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

utf8proc_option_t options_of(UnicodeForm form) {
  const bool composed = form == UnicodeForm::nfc || form == UnicodeForm::nfkc;
  const bool compatible = form == UnicodeForm::nfkc || form == UnicodeForm::nfkd;
  return static_cast<utf8proc_option_t>(UTF8PROC_STABLE | (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) |
                                        (compatible ? UTF8PROC_COMPAT : 0));
}

constexpr char32_t capital_i_with_dot = 0x130;  // the only character whose lower case is two: i and a dot above

}  // namespace

std::string UnicodeNormalizer::normalize(std::string_view text) const {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                               static_cast<utf8proc_ssize_t>(text.size()), &mapped, options_of(form_));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) throw Error(std::string("the text cannot be normalized: ") + utf8proc_errmsg(length));
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)};
}

std::string LowercaseNormalizer::normalize(std::string_view text) const {
  std::string lower;
  lower.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text.substr(at));
    if (step.code_point == capital_i_with_dot) {
      lower += "i\u0307";
    } else {
      append_utf8(lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(step.code_point))));
    }
    at += step.length;
  }
  return lower;
}

std::string PrependNormalizer::normalize(std::string_view text) const {
  return text.empty() ? std::string() : prefix_ + std::string(text);
}

std::string StripNormalizer::normalize(std::string_view text) const {
  if (left_) text.remove_prefix(blanks_at_begin(text));
  if (right_) text.remove_suffix(blanks_at_end(text));
  return std::string(text);
}

std::string NormalizerSequence::normalize(std::string_view text) const {
  std::string result(text);
  for (const auto& step : steps_) result = step->normalize(result);
  return result;
}

bool NormalizerSequence::keeps_begin() const {
  return std::all_of(steps_.begin(), steps_.end(), [](const auto& step) { return step->keeps_begin(); });
}

}  // namespace stac::text
