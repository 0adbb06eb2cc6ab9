#include "stac/runtime/chat_form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/letter_tokenizer.hpp"
#include "stac/error.hpp"

namespace stac::runtime {
namespace {

using ::testing::HasSubstr;
using testing::LetterTokenizer;

const std::vector<Message> kTalk{{"system", "Be kind."}, {"user", "hi"}, {"assistant", " hello"}, {"user", "and?"}};

TEST(ChatForm, RendersWithTheCheckpointsTemplateAndAsksForAnAnswer) {
  text::TokenizerConfig config;
  config.special_tokens["bos_token"] = "<s>";
  const std::optional<text::ChatTemplate> own(
      std::in_place,
      "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}"
      "{% if add_generation_prompt %}assistant:{% endif %}");
  const ChatForm form = chat_form(own, config, LetterTokenizer(), "m");
  EXPECT_EQ(form.render(std::vector<Message>{{"user", "hi"}}), "<s>user:hi;assistant:");
  EXPECT_FALSE(form.plain);
  EXPECT_EQ(form.stop_text, "");
}

TEST(ChatForm, ABaseModelIsAskedInAPlainFormThatEndsBeforeTheNextUser) {
  const ChatForm form = chat_form(std::nullopt, {}, LetterTokenizer(), "m");
  EXPECT_TRUE(form.plain);
  EXPECT_EQ(form.render(kTalk), "Be kind.\n\nUser: hi\nAssistant: hello\nUser: and?\nAssistant:");
  EXPECT_EQ(form.stop_text, "\nUser:");
}

TEST(ChatForm, ThePlainFormBeginsWithBosWhereTextsOfTheModelDo) {
  LetterTokenizer tokenizer;
  tokenizer.set_bos_id(LetterTokenizer::kSystem);
  text::TokenizerConfig config;
  const std::vector<Message> messages{{"user", "hi"}};
  EXPECT_EQ(chat_form(std::nullopt, config, tokenizer, "m").render(messages), "User: hi\nAssistant:");
  config.add_bos_token = true;
  EXPECT_EQ(chat_form(std::nullopt, config, tokenizer, "m").render(messages), "[s]User: hi\nAssistant:");
}

TEST(ChatForm, ABrokenTemplateIsAnErrorThatSaysWhatToDo) {
  const std::optional<text::ChatTemplate> broken(std::in_place, "{% for %}");
  try {
    (void)chat_form(broken, {}, LetterTokenizer(), "my-model");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the chat template of the model 'my-model' is broken"));
    EXPECT_THAT(error.hint(), HasSubstr("chat_template.jinja"));
  }
}

}  // namespace
}  // namespace stac::runtime
