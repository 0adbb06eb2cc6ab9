// Which patterns are taken over from the tokenizers library's regular expressions, and which are refused.
#include "text/pipeline/oniguruma.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

std::vector<std::string> found(const std::string& pattern, const std::string& text) {
  std::vector<std::string> matches;
  for (const Span& span : oniguruma_regex(pattern).matches(text)) {
    matches.push_back(text.substr(span.begin, span.end - span.begin));
  }
  return matches;
}

std::string refusal(const std::string& pattern) {
  try {
    return "taken as " + to_pcre2(pattern);
  } catch (const Error& error) {
    return error.what();
  }
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Oniguruma, BlanksAreUnicodesAndNotPcresOwn) {
  EXPECT_THAT(found(R"(\s)", "\u3000\u180e\u0085"), ElementsAre("\u3000", "\u0085"));
  EXPECT_THAT(found(R"([^\S\n])", "a\u2003\n"), ElementsAre("\u2003"));
}

TEST(Oniguruma, IgnoringCaseFindsTheLongSAndTheKelvinSign) {
  EXPECT_THAT(found("(?i:'s|k)x", "'\u017fx \u212ax"), ElementsAre("'\u017fx", "\u212ax"));
}

TEST(Oniguruma, CaseIsIgnoredInItsGroupOnly) { EXPECT_THAT(found("(?i:a)b", "AB Ab"), ElementsAre("Ab")); }

TEST(Oniguruma, ScriptsAreThoseOfTheCharacterItself) {
  // U+30FC, a prolonged sound mark, is used with Hiragana but its own script is Common.
  EXPECT_THAT(found(R"(\p{Hiragana})", "\u3042\u30fc"), ElementsAre("\u3042"));
}

TEST(Oniguruma, AfterAnEmptyMatchTheSearchGoesOnACharacterLater) {
  EXPECT_THAT(found("(?=b)|b", "ab"), ElementsAre(""));
  EXPECT_THAT(found("x*", "axx"), ElementsAre("", "xx"));
}

TEST(Oniguruma, WhatMeansSomethingElseElsewhereIsRefusedByName) {
  for (const char* construct :
       {"^a",           "a$",     R"(\w)",   R"(\h)",       R"(\b)", R"(\R)",     R"(\1)",   R"(\xE2)",
        R"(\p{Alpha})", "[a[b]]", "[a&&b]",  "[[:alpha:]]", "[]a]",  "(?i)a",     "(?<n>a)", "(?i:ss)",
        "(?i:\u00e9)",  "a{2}?",  "a{1,2}+", "a{,2}",       "a{x}",  "(*ACCEPT)", "\\",      "{"}) {
    EXPECT_THAT(refusal(construct), HasSubstr("is not supported")) << construct;
  }
}

TEST(Oniguruma, ThePatternsOfTheFamiliesAreTaken) {
  EXPECT_NO_THROW(
      to_pcre2(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
               R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"));
  EXPECT_NO_THROW(to_pcre2(R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|\p{N})"));
}

}  // namespace
}  // namespace stac::text::testing
