#include <random>

#include "stac/error.hpp"
#include "stac/text/tokenizer.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

class StreamDecoding : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Tokenizer> tokenizer_ = load_tokenizer(stac::testing::test_data(std::string("text/") + GetParam()));

  Ids random_ids(std::mt19937& generator) const {
    // Small ids are bytes and special tokens in these vocabularies: half of the draws come from there.
    std::uniform_int_distribution<std::int64_t> any(0, tokenizer_->vocab_size() - 1);
    std::uniform_int_distribution<std::int64_t> low(0, 262);
    Ids ids(1 + generator() % 12);
    for (std::int64_t& id : ids) id = generator() % 2 == 0 ? any(generator) : low(generator);
    return ids;
  }
};

bool is_whole_utf8(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore) ==
         nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

TEST_P(StreamDecoding, NeverGivesAPartOfACharacterAndAddsUpToTheDecodedWhole) {
  std::mt19937 generator(5);
  for (int round = 0; round < 2000; ++round) {
    const Ids ids = random_ids(generator);
    for (const Specials specials : {Specials::keep, Specials::skip}) {
      const auto decoder = tokenizer_->stream(specials);
      std::string text;
      for (const std::int64_t id : ids) {
        const std::string part = decoder->push(id);
        EXPECT_TRUE(is_whole_utf8(part));
        text += part;
      }
      text += decoder->finish();
      ASSERT_EQ(text, tokenizer_->decode(ids, specials));
    }
  }
}

TEST_P(StreamDecoding, StartsAnewAfterFinish) {
  const Ids ids = tokenizer_->encode("Mira found the lantern.");
  const auto decoder = tokenizer_->stream(Specials::skip);
  for (int round = 0; round < 2; ++round) {
    std::string text;
    for (const std::int64_t id : ids) text += decoder->push(id);
    EXPECT_EQ(text + decoder->finish(), tokenizer_->decode(ids, Specials::skip));
  }
}

TEST_P(StreamDecoding, RefusesIdsOutsideTheVocabulary) {
  const auto decoder = tokenizer_->stream(Specials::keep);
  EXPECT_THROW((void)decoder->push(-1), Error);
  EXPECT_THROW((void)decoder->push(tokenizer_->vocab_size()), Error);
}

INSTANTIATE_TEST_SUITE_P(All, StreamDecoding,
                         ::testing::Values("byte_bpe", "spm_bpe", "spm_unigram", "smollm2", "qwen2", "llama3", "llama2",
                                           "mistral", "t5", "unigram_bytes"),
                         [](const auto& entry) { return std::string(entry.param); });

TEST(ByteLevelStream, HoldsTheBytesOfAnEmojiBackUntilItIsWhole) {
  const auto tokenizer = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
  const Ids ids = tokenizer->encode("\U0001FAE8");
  ASSERT_EQ(ids.size(), 4u) << "the small vocabulary has no piece for it";
  const auto decoder = tokenizer->stream(Specials::keep);
  EXPECT_EQ(decoder->push(ids[0]), "");
  EXPECT_EQ(decoder->push(ids[1]), "");
  EXPECT_EQ(decoder->push(ids[2]), "");
  EXPECT_EQ(decoder->push(ids[3]), "\U0001FAE8");
}

TEST(ByteLevelStream, ReplacesACharacterThatIsCutOffByOneReplacementCharacter) {
  const auto tokenizer = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
  const Ids emoji = tokenizer->encode("\U0001FAE8");
  const auto decoder = tokenizer->stream(Specials::keep);
  (void)decoder->push(emoji[0]);
  (void)decoder->push(emoji[1]);
  EXPECT_EQ(decoder->push(*tokenizer->id_of("x")), "\uFFFDx");
  (void)decoder->push(emoji[0]);
  EXPECT_EQ(decoder->finish(), "\uFFFD");
}

TEST(ByteLevelStream, LeavesSpecialTokensOutOrKeepsThem) {
  const auto tokenizer = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
  const Ids ids = tokenizer->encode("hi<|im_end|>");
  EXPECT_EQ(tokenizer->decode(ids, Specials::keep), "hi<|im_end|>");
  EXPECT_EQ(tokenizer->decode(ids, Specials::skip), "hi");
}

}  // namespace
}  // namespace stac::text::testing
