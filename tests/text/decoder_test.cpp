// Decoders that no golden tokenizer has, and what a stream may say early.
#include "text/pipeline/decoder_json.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

Decoding start(const char* json) { return parse_decoder(Json::parse(json)).start(); }

std::string decode(const char* json, const std::vector<std::string>& pieces) {
  Decoding decoding = start(json);
  std::string text;
  for (const std::string& piece : pieces) text += decoding.push(piece);
  return text + decoding.finish();
}

TEST(Decoder, WithoutOnePiecesStandApart) { EXPECT_EQ(decode("null", {"a", "", "b"}), "a  b"); }

TEST(Decoder, StripsPiecesByThemselvesAndTheirTextAsAWhole) {
  const char* pieces = R"({"type": "Strip", "content": "_", "start": 1, "stop": 1})";
  EXPECT_EQ(decode(pieces, {"__a__", "_b"}), "_a_b");
  const char* text = R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
                         {"type": "Strip", "content": "_", "start": 3, "stop": 2}]})";
  EXPECT_EQ(decode(text, {"_", "_", "a_", "_", "_b", "_", "__"}), "a___b_");
}

TEST(Decoder, HoldsBackOnlyWhatMayStillBeStripped) {
  Decoding decoding = start(R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
                                {"type": "Strip", "content": "_", "start": 0, "stop": 1}]})");
  EXPECT_EQ(decoding.push("a__"), "a_");
  EXPECT_EQ(decoding.push("b"), "_b");
  EXPECT_EQ(decoding.push("_"), "");
  EXPECT_EQ(decoding.finish(), "");
}

TEST(Decoder, SaysARunOfBytePiecesOnlyWhenItEnds) {
  Decoding decoding = start(R"({"type": "ByteFallback"})");
  EXPECT_EQ(decoding.push("<0xC3>"), "");
  EXPECT_EQ(decoding.push("<0xa9>"), "");
  EXPECT_EQ(decoding.push("x"), "\u00e9x");
  EXPECT_EQ(decoding.push("<0x41>"), "");
  EXPECT_EQ(decoding.push("<0xC3>"), "");
  EXPECT_EQ(decoding.finish(), "\uFFFD\uFFFD");
}

TEST(Decoder, ReplacesInEveryPieceByAPattern) {
  EXPECT_EQ(decode(R"({"type": "Replace", "pattern": {"Regex": "[ab]+"}, "content": "-"})", {"xab", "b"}), "x--");
}

TEST(Decoder, MarksOfTheFirstPieceVanishUnlessNonePrecededIt) {
  EXPECT_EQ(decode(R"({"type": "Metaspace", "replacement": "_", "add_prefix_space": true})", {"_a_", "_b"}), "a b");
  EXPECT_EQ(decode(R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "never"})", {"_a_", "_b"}), " a  b");
}

}  // namespace
}  // namespace stac::text::testing
