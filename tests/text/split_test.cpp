#include "text/pipeline/split.hpp"

#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::string>;

Words split(const std::string& text, Delimiters how, Matched matched = Matched::delimiters) {
  return Split(std::make_unique<LiteralPattern>("-"), how, matched).split({text}, Place::begin_of_text);
}

// The example of the tokenizers library's documentation of SplitDelimiterBehavior.
TEST(Split, TreatsDelimitersAsTheLibraryDocumentsIt) {
  const std::string text = "the-final--countdown";
  EXPECT_THAT(split(text, Delimiters::removed), ElementsAre("the", "final", "countdown"));
  EXPECT_THAT(split(text, Delimiters::isolated), ElementsAre("the", "-", "final", "-", "-", "countdown"));
  EXPECT_THAT(split(text, Delimiters::merged_with_previous), ElementsAre("the-", "final-", "-", "countdown"));
  EXPECT_THAT(split(text, Delimiters::merged_with_next), ElementsAre("the", "-final", "-", "-countdown"));
  EXPECT_THAT(split(text, Delimiters::contiguous), ElementsAre("the", "-", "final", "--", "countdown"));
}

TEST(Split, TakesWhatLiesBetweenMatchesAsDelimitersWhereMatchesAreWords) {
  EXPECT_THAT(split("a--b", Delimiters::removed, Matched::words), ElementsAre("-", "-"));
  EXPECT_THAT(split("a--b", Delimiters::merged_with_previous, Matched::words), ElementsAre("a", "-", "-b"));
}

TEST(Split, SplitsAtEmptyMatchesWithoutEmptyWords) {
  const Split before_capitals(std::make_unique<RegexPattern>(Regex("(?=[A-Z])")), Delimiters::isolated);
  EXPECT_THAT(before_capitals.split({"aBcD", "E"}, Place::within_text), ElementsAre("a", "Bc", "D", "E"));
}

}  // namespace
}  // namespace stac::text::testing
