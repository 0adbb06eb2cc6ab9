// Ids and texts of the reference libraries (scripts/make_text_goldens.py), for every kind of tokenizer.
#include <array>
#include <chrono>
#include <cstdio>

#include "stac/text/tokenizer.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

struct Case {
  std::string name;
  std::string folder;
  bool shared;      // lies beside the checkout, where not every machine has it
  bool byte_level;  // decodes to what was encoded
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

std::string fnv1a(const Ids& ids) {
  std::uint64_t digest = 0xCBF29CE484222325u;
  for (const std::int64_t id : ids) {
    for (int shift = 0; shift < 64; shift += 8) {
      digest = (digest ^ ((static_cast<std::uint64_t>(id) >> shift) & 0xFF)) * 0x100000001B3u;
    }
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
  return text.data();
}

/// The reference's ids. Where a unigram model scores the same pieces in several orders exactly alike, rounding decides,
/// and versions of sentencepiece (0.1.97 and 0.2.3) differ among them: the goldens list the others.
std::vector<Ids> accepted(const Json& line) {
  std::vector<Ids> all = {line["ids"].get<Ids>()};
  for (const Json& other : line.value("ties", Json::array())) all.push_back(other.get<Ids>());
  return all;
}

class TokenizerGoldens : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    const auto folder = c.shared ? stac::testing::shared_data(c.folder) : stac::testing::test_data("text/" + c.folder);
    if (!folder) GTEST_SKIP() << c.folder << " is not beside this checkout (STAC_TEST_SHARED)";
    tokenizer_ = load_tokenizer(*folder);
    goldens_ = goldens(c.name);
  }

  std::unique_ptr<Tokenizer> tokenizer_;
  Json goldens_;
};

TEST_P(TokenizerGoldens, GiveTheReferencesIds) {
  ASSERT_GE(goldens_["lines"].size(), 200u);
  for (const Json& line : goldens_["lines"]) {
    EXPECT_THAT(tokenizer_->encode(line["text"].get<std::string>()), ::testing::AnyOfArray(accepted(line)))
        << line["text"];
  }
}

TEST_P(TokenizerGoldens, DecodeToTheReferencesText) {
  for (const Json& line : goldens_["lines"]) {
    EXPECT_EQ(tokenizer_->decode(line["ids"].get<Ids>(), Specials::keep), line["decoded"]) << line["text"];
  }
}

TEST_P(TokenizerGoldens, ReturnTheTextItselfForByteLevel) {
  if (!GetParam().byte_level) GTEST_SKIP() << "not a lossless tokenizer";
  for (const Json& line : goldens_["lines"]) {
    EXPECT_EQ(tokenizer_->decode(tokenizer_->encode(line["text"].get<std::string>()), Specials::keep), line["text"]);
  }
}

TEST_P(TokenizerGoldens, EncodeLongWordsAsTheReferenceAndInTime) {
  for (const Json& word : goldens_["long_words"]) {
    const std::string text = repeated(word["unit"], word["times"]);
    const auto begin = std::chrono::steady_clock::now();
    const Ids ids = tokenizer_->encode(text);
    const auto taken = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(ids.size(), word["count"]) << word["unit"];
    EXPECT_EQ(fnv1a(ids), word["fnv1a"]) << word["unit"];
    // Quadratic time would be 10^8 steps. The bound leaves room for sanitizers and a busy machine.
    EXPECT_LT(taken, std::chrono::seconds(1)) << word["unit"];
  }
}

TEST_P(TokenizerGoldens, DecodeIdsThatNoTextGivesAsTheReference) {
  if (!goldens_.contains("sequences")) GTEST_SKIP() << "these goldens hold texts only";
  for (const Json& sequence : goldens_["sequences"]) {
    EXPECT_EQ(tokenizer_->decode(sequence["ids"].get<Ids>(), Specials::skip), sequence["decoded"]) << sequence["ids"];
  }
}

TEST_P(TokenizerGoldens, KnowWhatThePostProcessorPutsAroundAText) {
  if (!goldens_.contains("with_affixes")) GTEST_SKIP() << "the reference has no post-processor";
  const Affixes affixes = tokenizer_->affixes();
  for (const Json& line : goldens_["with_affixes"]) {
    Ids ids = affixes.before;
    for (const std::int64_t id : tokenizer_->encode(line["text"].get<std::string>())) ids.push_back(id);
    ids.insert(ids.end(), affixes.after.begin(), affixes.after.end());
    EXPECT_EQ(ids, line["ids"].get<Ids>()) << line["text"];
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TokenizerGoldens,
    ::testing::Values(Case{"byte_bpe", "byte_bpe", false, true}, Case{"byte_bpe_added", "byte_bpe_added", false, false},
                      Case{"gpt2", "tokenizers/gpt2", true, true}, Case{"spm_bpe", "spm_bpe", false, false},
                      Case{"spm_unigram", "spm_unigram", false, false},
                      Case{"stories260K", "models/stories260K", true, false}, Case{"smollm2", "smollm2", false, true},
                      Case{"qwen2", "qwen2", false, false},  // NFC changes some texts
                      Case{"llama3", "llama3", false, true}, Case{"llama2", "llama2", false, false},
                      Case{"mistral", "mistral", false, false}, Case{"t5", "t5", false, false},
                      Case{"unigram_bytes", "unigram_bytes", false, false}),
    [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace stac::text::testing
