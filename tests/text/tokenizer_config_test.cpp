#include "stac/text/tokenizer_config.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

class TokenizerConfigFiles : public ::testing::Test {
 protected:
  void write(const char* name, const std::string& content) { write_file(folder_.path() / name, content); }
  TokenizerConfig load() { return load_tokenizer_config(folder_.path()); }
  std::string error() {
    try {
      load();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  stac::testing::TemporaryFolder folder_;
};

TEST_F(TokenizerConfigFiles, AreAllOptional) {
  const TokenizerConfig config = load();
  EXPECT_FALSE(config.bos_token());
  EXPECT_FALSE(config.add_bos_token);
  EXPECT_TRUE(config.chat_templates.empty());
}

TEST_F(TokenizerConfigFiles, SpellSpecialTokensAsStringsOrObjects) {
  write(
      "tokenizer_config.json",
      R"({"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "add_bos_token": true, "pad_token": null})");
  const TokenizerConfig config = load();
  EXPECT_EQ(config.bos_token(), "<s>");
  EXPECT_EQ(config.eos_token(), "</s>");
  EXPECT_EQ(config.add_bos_token, true);
  EXPECT_FALSE(config.special_tokens.contains("pad_token"));
}

TEST_F(TokenizerConfigFiles, FallBackToTheSpecialTokensMap) {
  write("tokenizer_config.json", R"({"bos_token": "<s>"})");
  write("special_tokens_map.json",
        R"({"bos_token": "<other>", "eos_token": "</s>", "additional_special_tokens": ["x"]})");
  const TokenizerConfig config = load();
  EXPECT_EQ(config.bos_token(), "<s>");
  EXPECT_EQ(config.eos_token(), "</s>");
}

TEST_F(TokenizerConfigFiles, HoldOneTemplateOrAListOfNamedOnes) {
  write("tokenizer_config.json", R"({"chat_template": "one"})");
  EXPECT_EQ(load().chat_templates.at("default"), "one");
  write("tokenizer_config.json",
        R"({"chat_template": [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]})");
  EXPECT_EQ(load().chat_templates.at("default"), "d");
  EXPECT_EQ(load().chat_templates.at("tool_use"), "t");
}

TEST_F(TokenizerConfigFiles, PreferTheTemplatesOwnFile) {
  write("tokenizer_config.json", R"({"chat_template": "one"})");
  write("chat_template.jinja", "two");
  EXPECT_EQ(load().chat_templates.at("default"), "two");
}

TEST_F(TokenizerConfigFiles, AreRefusedByFileAndField) {
  for (const char* bad : {R"({"bos_token": 3})", R"({"bos_token": {"text": "a"}})", R"({"chat_template": 7})",
                          R"({"chat_template": [{"name": "default"}]})", R"({"add_bos_token": "yes"})", "[1]", "{",
                          R"({"a": 1, "a": 2})"}) {
    write("tokenizer_config.json", bad);
    EXPECT_THAT(error(), ::testing::HasSubstr("tokenizer_config.json")) << bad;
  }
}

}  // namespace
}  // namespace stac::text::testing
