#include "stac/text/chat_template.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

std::vector<Message> messages_of(const Json& list) {
  std::vector<Message> messages;
  for (const Json& entry : list) messages.push_back({entry["role"], entry["content"]});
  return messages;
}

std::string render(const std::string& source) {
  const std::vector<Message> messages = {{"user", "hello"}};
  return ChatTemplate(source).render(messages, false, {});
}

std::string error_of(const std::string& source) {
  try {
    return "no error, but: " + render(source);
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(ChatTemplate, RendersWhatTransformersRenders) {
  const Json cases = goldens("chat_template")["cases"];
  ASSERT_GE(cases.size(), 40u);
  for (const Json& c : cases) {
    if (c["expected"].is_null()) continue;
    const ChatTemplate chat(c["template"].get<std::string>());
    ASSERT_FALSE(chat.problem()) << *chat.problem() << "\n" << c["template"].get<std::string>();
    try {
      EXPECT_EQ(chat.render(messages_of(c["messages"]), c["add_generation_prompt"], c["special_tokens"]), c["expected"])
          << c["template"].get<std::string>();
    } catch (const Error& error) {
      ADD_FAILURE() << error.what() << "\n" << c["template"].get<std::string>();
    }
  }
}

TEST(ChatTemplate, FailsWhereTransformersFails) {
  const Json cases = goldens("chat_template")["cases"];
  int failing = 0;
  for (const Json& c : cases) {
    if (!c["expected"].is_null()) continue;
    ++failing;
    const ChatTemplate chat(c["template"].get<std::string>());
    EXPECT_THROW((void)chat.render(messages_of(c["messages"]), c["add_generation_prompt"], c["special_tokens"]), Error)
        << c["template"];
  }
  EXPECT_GE(failing, 15);
}

TEST(ChatTemplate, PassesOnTheMessageOfRaiseException) {
  EXPECT_THAT(error_of("{{ raise_exception('only users speak') }}"), ::testing::HasSubstr("only users speak"));
}

TEST(ChatTemplate, NamesLineAndColumnOfASyntaxError) {
  EXPECT_THAT(error_of("first line\n{{ 1 + }}"), ::testing::HasSubstr("line 2, column 8"));
}

TEST(ChatTemplate, NamesLineAndColumnOfAnErrorWhileRendering) {
  EXPECT_THAT(error_of("a\nb\n  {{ nobody.name }}"), ::testing::HasSubstr("line 3, column 12"));
}

TEST(ChatTemplate, KeepsABrokenTemplatesProblemUntilItIsUsed) {
  const ChatTemplate chat("{% if %}");
  ASSERT_TRUE(chat.problem());
  EXPECT_THAT(*chat.problem(), ::testing::HasSubstr("line 1"));
  EXPECT_THROW((void)chat.render({}, false, {}), Error);
}

TEST(ChatTemplate, EndsEndlessAndDeepTemplatesWithAnError) {
  const std::string nested_brackets = "{{ " + repeated("[", 100000) + " }}";
  const std::string nested_not = "{{ " + repeated("not ", 100000) + "1 }}";
  const std::string long_sum = "{{ 1" + repeated(" + 1", 100000) + " }}";
  const std::string attributes = "{{ a" + repeated(".b", 100000) + " }}";
  const std::string nested_ifs = repeated("{% if 1 %}", 100000);
  const std::string recursion = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}";
  const std::string doubling =
      "{% set n = namespace(t='xxxxxxxx') %}{% for i in range(99) %}{% set n.t = n.t + n.t %}{% endfor %}{{ n.t }}";
  const std::string loops =
      "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% "
      "endfor %}";
  const std::string nested_lists =
      "{% set n = namespace(t=[]) %}{% for i in range(99999) %}{% set n.t = [n.t] %}{% endfor %}{{ n.t }}";
  const std::string wide_lists =
      "{% set n = namespace(t=[1]) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t == n.t }}";
  const std::string repeats = "{{ 'a' * 99999999999 }}";
  const std::string joins = "{{ ('a' * 9999999) | list | join('b' * 9999999) }}";
  for (const std::string& source : {nested_brackets, nested_not, long_sum, attributes, nested_ifs, recursion, doubling,
                                    loops, nested_lists, wide_lists, repeats, joins}) {
    EXPECT_THROW((void)render(source), Error) << source.substr(0, 120);
  }
}

TEST(ChatTemplate, RefusesWhatItDoesNotKnowByName) {
  EXPECT_THAT(error_of("{{ 'a' | wordwrap }}"), ::testing::HasSubstr("wordwrap"));
  EXPECT_THAT(error_of("{% include 'other' %}"), ::testing::HasSubstr("include"));
}

TEST(ChatTemplate, SurvivesEveryPrefixOfARealTemplate) {
  const std::string source = goldens("chat_template")["cases"][24]["template"];
  for (std::size_t length = 0; length < source.size(); ++length) {
    try {
      (void)render(source.substr(0, length));
    } catch (const Error&) {
      continue;  // an error is as good as a text; a crash or a foreign exception is not
    }
  }
}

TEST(FindChatTemplate, TakesTheDefaultOneOfANamedList) {
  TokenizerConfig config;
  EXPECT_FALSE(find_chat_template(config));
  config.chat_templates = {{"rag", "r"}, {"default", "d"}};
  EXPECT_EQ(find_chat_template(config)->render({}, false, {}), "d");
}

}  // namespace
}  // namespace stac::text::testing
