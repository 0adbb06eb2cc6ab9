#include "stac/text/chat_template_parity.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

using ::testing::HasSubstr;

class TemplateParity : public ::testing::Test {
 protected:
  TemplateParityReport check(const std::string& lines) {
    write_file(file_, lines);
    return check_chat_template_parity(file_);
  }

  std::string error_of(const std::string& lines) {
    try {
      check(lines);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  /// A line whose template renders its first message's role.
  static Json good() {
    return {{"template", "{{ bos_token }}{{ messages[0].role }}"},
            {"messages", {{{"role", "user"}, {"content", "hi"}}}},
            {"add_generation_prompt", false},
            {"bos_token", nullptr},
            {"eos_token", "</s>"},
            {"expected", "user"},
            {"error", nullptr}};
  }

  static Json with(const char* key, const Json& value) {
    Json line = good();
    line[key] = value;
    return line;
  }

  stac::testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "reference.jsonl";
};

// Each family's template, feature by feature, and failures with transformers' own messages.
TEST_F(TemplateParity, RendersAndFailsAsTransformersDoes) {
  const Json cases = goldens("chat_template")["cases"];
  std::string lines;
  int failing = 0;
  for (const Json& line : cases) {
    lines += line.dump() + "\n";
    failing += line["expected"].is_null();
  }
  const TemplateParityReport report = check(lines);
  for (const ParityMismatch& mismatch : report.mismatches) {
    ADD_FAILURE() << mismatch.what << "\n" << cases[static_cast<std::size_t>(mismatch.line - 1)]["template"];
  }
  EXPECT_EQ(report.lines, static_cast<std::int64_t>(cases.size()));
  EXPECT_GE(report.lines, 200);
  EXPECT_GE(failing, 60);
}

TEST_F(TemplateParity, NamesTheLineAndThePlaceOfAnotherText) {
  const TemplateParityReport report = check(good().dump() + "\n\n" + with("expected", "usher").dump() + "\n");
  ASSERT_EQ(report.mismatches.size(), 1u);
  EXPECT_EQ(report.lines, 2);
  EXPECT_EQ(report.text_mismatches, 1);
  EXPECT_EQ(report.mismatches[0].line, 3);
  EXPECT_THAT(report.mismatches[0].what, HasSubstr("differ from byte 2"));
  EXPECT_FALSE(report.ok());
}

TEST_F(TemplateParity, AnErrorMustBeTheReferencesOwn) {
  Json line = with("template", "{{ raise_exception('only users speak') }}");
  line["expected"] = nullptr;
  line["error"] = "only users speak";
  EXPECT_TRUE(check(line.dump()).ok());
  line["error"] = nullptr;
  EXPECT_TRUE(check(line.dump()).ok()) << "no message is asked for";
  line["error"] = "only assistants speak";
  EXPECT_EQ(check(line.dump()).error_mismatches, 1);
  line["template"] = "renders";
  EXPECT_EQ(check(line.dump()).error_mismatches, 1);
  EXPECT_EQ(check(with("template", "{{ raise_exception('x') }}").dump()).text_mismatches, 1);
}

TEST_F(TemplateParity, ANullTokenIsUndefinedAndMessagesKeepTheirKeysInOrder) {
  Json line = with("template", "{{ bos_token is defined }}{{ eos_token }}{{ messages }}");
  line["expected"] = "False</s>[{'role': 'user', 'content': 'a', 'age': 3, 'b': [None, 1.5, True]}]";
  line["messages"] = "MESSAGES";
  std::string text = line.dump();
  const std::string messages = R"([{"role": "user", "content": "a", "age": 3, "b": [null, 1.5, true]}])";
  text.replace(text.find("\"MESSAGES\""), 10, messages);
  const TemplateParityReport report = check(text);
  EXPECT_TRUE(report.ok()) << report.mismatches.front().what;
}

TEST_F(TemplateParity, RefusesABadLineByItsNumber) {
  Json without_expected = good();
  without_expected.erase("expected");
  const std::vector<std::string> bad = {"{",
                                        "[]",
                                        without_expected.dump(),
                                        with("template", 1).dump(),
                                        with("messages", "hi").dump(),
                                        with("messages", {"hi"}).dump(),
                                        with("messages", {{{"n", 1e30}, {"m", 18446744073709551615u}}}).dump(),
                                        with("add_generation_prompt", "yes").dump(),
                                        with("bos_token", 1).dump(),
                                        with("error", "both").dump(),
                                        with("tools", Json::array({1})).dump()};
  for (const std::string& line : bad) {
    EXPECT_THAT(error_of(good().dump() + "\n" + line + "\n"), HasSubstr("line 2")) << line;
  }
}

TEST_F(TemplateParity, RefusesAFileWithoutLinesAndOneThatIsNotThere) {
  EXPECT_THAT(error_of("\n\n"), HasSubstr("no lines"));
  EXPECT_THROW((void)check_chat_template_parity(folder_.path() / "absent.jsonl"), Error);
}

}  // namespace
}  // namespace stac::text::testing
