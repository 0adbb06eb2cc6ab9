#include "stac/text/tokenizer_parity.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

class TokenizerParity : public ::testing::Test {
 protected:
  ParityReport check(const std::string& lines) {
    write_file(file_, lines);
    return check_tokenizer_parity(*tokenizer_, file_);
  }

  std::string error_of(const std::string& lines) {
    try {
      check(lines);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  stac::testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "reference.jsonl";
  std::unique_ptr<Tokenizer> tokenizer_ = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
};

TEST_F(TokenizerParity, FindsNothingWrongWithTheReferencesOwnLines) {
  std::string lines;
  const Json reference = goldens("byte_bpe")["lines"];
  for (const Json& line : reference) lines += line.dump() + "\n";
  const ParityReport report = check(lines);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.lines, static_cast<std::int64_t>(reference.size()));
}

TEST_F(TokenizerParity, NamesTheLineAndThePlaceOfOtherIds) {
  Json line = {{"text", "hello"}, {"ids", tokenizer_->encode("hello")}, {"decoded", "hello"}};
  const std::string good = line.dump() + "\n\n";
  line["text"] = "hellos";
  const ParityReport report = check(good + line.dump());
  ASSERT_EQ(report.mismatches.size(), 1u);
  EXPECT_EQ(report.mismatches[0].line, 3);
  EXPECT_EQ(report.ids_mismatches, 1);
  EXPECT_EQ(report.decoded_mismatches, 0);
  EXPECT_THAT(report.mismatches[0].what, ::testing::HasSubstr("ids differ"));
}

TEST_F(TokenizerParity, CountsADecodedTextThatDiffersAndAnIdThatDoesNotExist) {
  const Json other = {{"text", "a"}, {"ids", tokenizer_->encode("a")}, {"decoded", "b"}};
  const Json unknown = {{"text", "a"}, {"ids", {999999}}, {"decoded", "a"}};
  const ParityReport report = check(other.dump() + "\n" + unknown.dump() + "\n");
  EXPECT_EQ(report.decoded_mismatches, 2);
  EXPECT_EQ(report.ids_mismatches, 1);
  EXPECT_FALSE(report.ok());
}

TEST_F(TokenizerParity, RefusesABadLineByItsNumber) {
  const std::string good = R"({"text":"","ids":[],"decoded":""})";
  for (const char* bad : {"{", "[]", "3", R"({"text":1,"ids":[],"decoded":""})", R"({"text":"","decoded":""})",
                          R"({"text":"","ids":["a"],"decoded":""})", R"({"text":"","ids":[1.5],"decoded":""})",
                          R"({"text":"","ids":[]})"}) {
    EXPECT_THAT(error_of(good + "\n" + bad + "\n"), ::testing::HasSubstr("line 2")) << bad;
  }
}

TEST_F(TokenizerParity, RefusesAFileWithoutLinesAndOneThatIsNotThere) {
  EXPECT_THAT(error_of("\n\n"), ::testing::HasSubstr("no lines"));
  EXPECT_THROW((void)check_tokenizer_parity(*tokenizer_, folder_.path() / "absent.jsonl"), Error);
}

}  // namespace
}  // namespace stac::text::testing
