#include "stac/text/chat_template.hpp"

#include "stac/error.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

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

TEST(ChatTemplate, RendersMessagesAndSpecialTokens) {
  const ChatTemplate chat(
      "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}{{ eos_token }}");
  const std::vector<Message> messages = {{"user", "hello"}, {"assistant", "hi"}};
  EXPECT_EQ(chat.render(messages, false, {{"bos_token", "<s>"}}), "<s>user:hello;assistant:hi;");
}

TEST(LoadChatTemplate, ReadsAUsersFileAndNamesItWhereItIsBroken) {
  const stac::testing::TemporaryFolder folder;
  const auto file = folder.path() / "own.jinja";
  EXPECT_FALSE(load_chat_template(std::nullopt));
  write_file(file, "{{ messages[0].content }}!");
  EXPECT_EQ(load_chat_template(file)->render(std::vector<Message>{{"user", "hello"}}, false, {}), "hello!");
  write_file(file, "fine\n{% if %}");
  try {
    (void)load_chat_template(file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("own.jinja: line 2, column"));
  }
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

TEST(ChatTemplate, NamespacesThatHoldThemselvesEndInAnError) {
  EXPECT_THAT(error_of("{% set n = namespace() %}{% set n.self = [n] %}{{ n.self }}"),
              ::testing::HasSubstr("namespace"));
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

TEST(ChatTemplate, RefusesWhatItKnowsOnlyInPart) {
  for (const char* source :
       {"{{ messages | map('upper') }}", "{{ namespace(a=1) }}", "{{ '%s' % 'a' }}", "{{ range(9)[2:] }}",
        "{{ dict(**{'a': 1}) }}", "{% for x in [1] recursive %}{% endfor %}", "{{ '\\N{BULLET}' }}", "{{ 2 ** 64 }}",
        "{% macro f() %}{{ varargs }}{% endmacro %}{{ f(1) }}", "{% call f() %}{% endcall %}", "{{ (-8) ** 0.5 }}"}) {
    EXPECT_THAT(error_of(source), ::testing::HasSubstr("line 1, column")) << source;
  }
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
