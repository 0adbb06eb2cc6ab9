// The models' rules for characters without a piece, which trained vocabularies seldom show.
#include "stac/error.hpp"
#include "text/pipeline/bpe_model.hpp"
#include "text/pipeline/unigram_model.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Ids encode(const PieceModel& model, std::string_view word) {
  Ids ids;
  model.encode(word, ids);
  return ids;
}

// Expected ids: tokenizers 0.23.3, models.BPE(vocab, merges, ...).tokenize.
TEST(BpeModel, WritesAnUnknownCharacterWhenTheNextKnownOneIsReached) {
  const Vocabulary vocabulary = {{"<unk>", 0}, {"a", 1}, {"<0xC3>", 2}, {"<0xA9>", 3}};
  BpeOptions options;
  options.unk_token = "<unk>";
  options.byte_fallback = true;
  EXPECT_THAT(encode(BpeModel(vocabulary, {}, options), "zz\u00e9a"), ElementsAre(0, 2, 3, 0, 1));
  options.fuse_unk = true;
  EXPECT_THAT(encode(BpeModel(vocabulary, {}, options), "zz\u00e9za"), ElementsAre(2, 3, 0, 1));
}

TEST(BpeModel, TakesAWholeWordBeforeItsMergesWhereAsked) {
  const Vocabulary vocabulary = {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"abc", 4}};
  const Merges merges = {{"a", "b"}};
  BpeOptions options;
  EXPECT_THAT(encode(BpeModel(vocabulary, merges, options), "abc"), ElementsAre(3, 2));
  options.ignore_merges = true;
  EXPECT_THAT(encode(BpeModel(vocabulary, merges, options), "abc"), ElementsAre(4));
  EXPECT_THAT(encode(BpeModel(vocabulary, merges, options), "abca"), ElementsAre(3, 2, 0));
}

// The example of the tokenizers library's documentation of Unigram::encode.
TEST(UnigramModel, TakesThePiecesThatScoreTheMost) {
  const std::vector<ScoredPiece> pieces = {{"<unk>", 0.0}, {"a", 0.0},  {"b", 0.0},   {"c", 0.0},    {"d", 0.0},
                                           {"cd", 1.0},    {"ab", 2.0}, {"abc", 5.0}, {"abcd", 10.0}};
  const UnigramModel model(pieces, {0, false});
  EXPECT_THAT(encode(model, "abcdacdxx"), ElementsAre(8, 1, 5, 0));
}

TEST(UnigramModel, SpellsUnknownTextByBytesOnlyWhereItHasThemAll) {
  const std::vector<ScoredPiece> pieces = {{"<unk>", -1.0}, {"a", -1.0}, {"<0xC3>", -9.0}, {"<0xA9>", -9.0}};
  const UnigramModel model(pieces, {0, true});
  EXPECT_THAT(encode(model, "a\u00e9a"), ElementsAre(1, 2, 3, 1));
  EXPECT_THAT(encode(model, "a\u00e9za"), ElementsAre(1, 0, 1));  // fused, the two have a byte without a piece
}

TEST(UnigramModel, SaysWhichCharacterItCannotSay) {
  const UnigramModel model({{"a", -1.0}}, {});
  try {
    (void)encode(model, "az");
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no piece for 'z'"));
  }
}

TEST(BytePiece, IsReadWithCapitalAndSmallDigitsOnly) {
  EXPECT_EQ(byte_of_piece("<0xE2>"), 0xE2);
  EXPECT_EQ(byte_of_piece("<0xe2>"), 0xE2);
  EXPECT_EQ(byte_piece(0x0A), "<0x0A>");
  for (const char* other : {"<0xG0>", "<0x0>", "<0x000>", "0x0A", "<0xA>>", "< 0x0A"}) {
    EXPECT_FALSE(byte_of_piece(other)) << other;
  }
}

}  // namespace
}  // namespace stac::text::testing
