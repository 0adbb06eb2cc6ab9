#include "stac/eval/token_windows.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "stac/error.hpp"

namespace stac::eval {
namespace {

using ::testing::ElementsAre;

std::vector<std::int64_t> numbers(std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

TEST(TokenWindows, DoNotOverlapAndDropTheLastShortOne) {
  const TokenWindows cut = cut_windows(numbers(8), {3, std::nullopt, std::nullopt});
  EXPECT_THAT(cut.windows, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4, 5)));
}

TEST(TokenWindows, HoldOneTokenLessBehindABos) {
  const TokenWindows cut = cut_windows(numbers(5), {3, std::nullopt, 99});
  EXPECT_THAT(cut.windows, ElementsAre(ElementsAre(99, 0, 1), ElementsAre(99, 2, 3)));
  EXPECT_TRUE(cut.bos);
}

TEST(TokenWindows, AreAtMostAsManyAsAskedFor) {
  EXPECT_EQ(cut_windows(numbers(100), {10, 4, std::nullopt}).windows.size(), 4U);
}

TEST(TokenWindows, RefuseATextShorterThanOne) {
  EXPECT_THROW(static_cast<void>(cut_windows(numbers(9), {10, std::nullopt, std::nullopt})), Error);
}

TEST(TokenWindows, RefuseAContextThatScoresNothing) {
  EXPECT_THROW(static_cast<void>(cut_windows(numbers(9), {1, std::nullopt, std::nullopt})), UsageError);
}

TEST(Bos, FollowsTheUserThenTheTokenizersConfigThenTheKindOfModel) {
  const auto kind = text::TokenizerKind::sentencepiece;
  text::TokenizerConfig says_no, silent;
  says_no.add_bos_token = false;
  EXPECT_TRUE(windows_begin_with_bos(BosChoice::yes, says_no, kind, "llama"));
  EXPECT_FALSE(windows_begin_with_bos(BosChoice::automatic, says_no, kind, "llama"));
  EXPECT_TRUE(windows_begin_with_bos(BosChoice::automatic, silent, kind, "llama"));
  EXPECT_FALSE(windows_begin_with_bos(BosChoice::automatic, silent, kind, "gpt2"));
  EXPECT_FALSE(windows_begin_with_bos(BosChoice::automatic, silent, text::TokenizerKind::tokenizers, "llama"));
  EXPECT_FALSE(windows_begin_with_bos(BosChoice::no, silent, kind, "llama"));
}

}  // namespace
}  // namespace stac::eval
