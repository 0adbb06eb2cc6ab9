// Which files make a tokenizer, and which are refused.
#include <fstream>

#include "stac/error.hpp"
#include "stac/text/tokenizer.hpp"
#include "text/text_test_support.hpp"

namespace stac::text::testing {
namespace {

namespace fs = std::filesystem;

class LoadTokenizer : public ::testing::Test {
 protected:
  LoadTokenizer() : good_(read_json(stac::testing::test_data("text/byte_bpe/tokenizer.json"))) {}

  void write(const char* name, const std::string& content) { write_file(folder_.path() / name, content); }
  std::unique_ptr<Tokenizer> load() { return load_tokenizer(folder_.path()); }

  std::string error() {
    try {
      load();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  /// The error that a changed tokenizer.json gives.
  template <typename Change>
  std::string error_after(Change change) {
    Json changed = good_;
    change(changed);
    write("tokenizer.json", changed.dump());
    return error();
  }

  void write_vocab_and_merges() {
    write("vocab.json", good_["model"]["vocab"].dump());
    std::string merges = "#version: 0.2\n";
    for (const Json& merge : good_["model"]["merges"]) {
      merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
    }
    write("merges.txt", merges);
  }

  Json good_;
  stac::testing::TemporaryFolder folder_;
};

TEST_F(LoadTokenizer, PrefersTokenizerJsonThenTheModelThenVocabAndMerges) {
  write_vocab_and_merges();
  EXPECT_EQ(load()->kind(), TokenizerKind::tokenizers);
  fs::copy(stac::testing::test_data("text/spm_bpe/tokenizer.model"), folder_.path() / "tokenizer.model");
  EXPECT_EQ(load()->kind(), TokenizerKind::sentencepiece);
  write("tokenizer.json", good_.dump());
  EXPECT_EQ(load()->kind(), TokenizerKind::tokenizers);
}

TEST_F(LoadTokenizer, SaysWhatIsMissingInAFolderWithoutTokenizer) {
  EXPECT_THAT(error(), ::testing::HasSubstr(folder_.path().string()));
  write("vocab.json", "{}");
  EXPECT_THAT(error(), ::testing::HasSubstr("no tokenizer"));
}

TEST_F(LoadTokenizer, ReadsVocabAndMergesAsTokenizerJson) {
  write("tokenizer.json", good_.dump());
  const auto reference = load();
  fs::remove(folder_.path() / "tokenizer.json");
  write_vocab_and_merges();
  const auto tokenizer = load();
  for (const char* text : {"Mira found the lantern.", "a\n\n b", "<|endoftext|>x"}) {
    EXPECT_EQ(tokenizer->encode(text), reference->encode(text));
  }
  EXPECT_TRUE(tokenizer->is_special(*tokenizer->id_of("<|endoftext|>")));
  EXPECT_EQ(tokenizer->eos_id(), tokenizer->id_of("<|endoftext|>"));
}

TEST_F(LoadTokenizer, ReadsMergesInBothNotations) {
  const auto reference = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
  Json changed = good_;
  for (Json& merge : changed["model"]["merges"])
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  write("tokenizer.json", changed.dump());
  EXPECT_EQ(load()->encode("Tobias repaired the bicycle"), reference->encode("Tobias repaired the bicycle"));
}

TEST_F(LoadTokenizer, TakesBosAndEosFromTheConfig) {
  write("tokenizer.json", good_.dump());
  EXPECT_FALSE(load()->eos_id());
  write("tokenizer_config.json", R"({"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}})");
  EXPECT_EQ(load()->bos_id(), load()->id_of("<|im_start|>"));
  EXPECT_EQ(load()->eos_id(), load()->id_of("<|im_end|>"));
}

TEST_F(LoadTokenizer, KnowsTheAffixesOfThePostProcessorButDoesNotAddThem) {
  Json changed = good_;
  changed["post_processor"] = Json::parse(
      R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
          {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
          "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}}})");
  write("tokenizer.json", changed.dump());
  EXPECT_THAT(load()->affixes().before, ::testing::ElementsAre(1));
  EXPECT_THAT(load()->affixes().after, ::testing::IsEmpty());
  EXPECT_EQ(load()->bos_id(), 1);
  EXPECT_EQ(load()->encode("hi"), load_tokenizer(stac::testing::test_data("text/byte_bpe"))->encode("hi"));
}

TEST_F(LoadTokenizer, RefusesComponentsThatItDoesNotSupportByName) {
  const auto set = [&](const char* part, const char* json) {
    return error_after([&](Json& t) { t[part] = Json::parse(json); });
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(set("normalizer", R"({"type": "StripAccents"})"), HasSubstr("normalizer 'StripAccents'"));
  EXPECT_THAT(set("normalizer", R"({"type": "Precompiled"})"), HasSubstr("normalizer 'Precompiled'"));
  EXPECT_THAT(set("normalizer", R"({"type": "Sequence", "normalizers": [{"type": "Nmt"}]})"), HasSubstr("'Nmt'"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "BertPreTokenizer"})"), HasSubstr("pre_tokenizer 'BertPreTokenizer'"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Sequence", "pretokenizers": [{"type": "UnicodeScripts"}]})"),
              HasSubstr("'UnicodeScripts'"));
  EXPECT_THAT(set("decoder", R"({"type": "WordPiece"})"), HasSubstr("decoder 'WordPiece'"));
  EXPECT_THAT(set("decoder", R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]})"),
              HasSubstr("after Fuse"));
  EXPECT_THAT(set("post_processor", R"({"type": "RobertaProcessing"})"), HasSubstr("RobertaProcessing"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["type"] = "WordPiece"; }), HasSubstr("WordPiece"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["dropout"] = 0.1; }), HasSubstr("dropout"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["end_of_word_suffix"] = "</w>"; }), HasSubstr("end_of_word_suffix"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["continuing_subword_prefix"] = "##"; }),
              HasSubstr("continuing_subword_prefix"));
}

TEST_F(LoadTokenizer, RefusesBrokenComponentsByNameAndField) {
  const auto set = [&](const char* part, const char* json) {
    return error_after([&](Json& t) { t[part] = Json::parse(json); });
  };
  using ::testing::AllOf;
  using ::testing::HasSubstr;
  const auto names = [](const char* component, const char* field) {
    return AllOf(HasSubstr(component), HasSubstr(field));
  };
  EXPECT_THAT(set("normalizer", R"("NFC")"), names("normalizer", "object"));
  EXPECT_THAT(set("normalizer", R"({"type": "Prepend"})"), names("Prepend", "'prepend'"));
  EXPECT_THAT(set("normalizer", R"({"type": "Replace", "pattern": {}, "content": ""})"), names("Replace", "Regex"));
  EXPECT_THAT(set("normalizer", R"({"type": "Replace", "pattern": {"String": ""}, "content": ""})"),
              names("Replace", "empty"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed"})"),
              HasSubstr("does not compile"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Sideways"})"),
              names("Split", "Sideways"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Metaspace", "replacement": "ab"})"),
              names("Metaspace", "'replacement'"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"})"),
              names("Metaspace", "last"));
  EXPECT_THAT(set("pre_tokenizer", R"({"type": "Digits", "individual_digits": 1})"),
              names("Digits", "individual_digits"));
  EXPECT_THAT(set("decoder", R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})"),
              names("Strip", "'start'"));
  EXPECT_THAT(set("post_processor", R"({"type": "TemplateProcessing", "single": []})"),
              names("TemplateProcessing", "Sequence"));
  EXPECT_THAT(
      set("post_processor",
          R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}})"),
      names("TemplateProcessing", "<s>"));
}

TEST_F(LoadTokenizer, RefusesMetaspaceThatCannotKnowWhereATextBegins) {
  const Json first = Json::parse(R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "first"})");
  const std::string message = error_after([&](Json& t) {
    t["pre_tokenizer"] = first;
    t["normalizer"] = {{"type", "Prepend"}, {"prepend", "x"}};
  });
  EXPECT_THAT(message, ::testing::HasSubstr("behind a normalizer"));
}

TEST_F(LoadTokenizer, RefusesAddedTokensThatTheNormalizerMakesTheSame) {
  const std::string message = error_after([&](Json& t) {
    t["normalizer"] = {{"type", "Lowercase"}};
    t["added_tokens"].push_back({{"id", 700}, {"content", "Tool"}, {"normalized", true}});
    t["added_tokens"].push_back({{"id", 701}, {"content", "TOOL"}, {"normalized", true}});
  });
  EXPECT_THAT(message, ::testing::HasSubstr("the same: 'tool'"));
}

TEST_F(LoadTokenizer, RefusesBrokenUnigramModels) {
  using ::testing::HasSubstr;
  const auto unigram = [&](const char* model) {
    return error_after([&](Json& t) { t["model"] = Json::parse(model); });
  };
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": [], "unk_id": null})"), HasSubstr("empty"));
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": {"a": 0}})"), HasSubstr("model.vocab must be a list"));
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": [["a", "b"]]})"), HasSubstr("model.vocab[0]"));
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": [["a", 0], ["a", -1]]})"), HasSubstr("same piece, 'a'"));
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1})"), HasSubstr("unk_id 1"));
  EXPECT_THAT(unigram(R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": -1})"), HasSubstr("unk_id"));
}

TEST_F(LoadTokenizer, RefusesBrokenVocabulariesAndMerges) {
  using ::testing::HasSubstr;
  const auto vocab = [&](const Json& id) { return error_after([&](Json& t) { t["model"]["vocab"]["zz"] = id; }); };
  EXPECT_THAT(vocab(-1), HasSubstr("outside"));
  EXPECT_THAT(vocab(std::int64_t{1} << 40), HasSubstr("outside"));
  EXPECT_THAT(vocab(18446744073709551615u), HasSubstr("outside"));
  EXPECT_THAT(vocab("7"), HasSubstr("whole number"));
  EXPECT_THAT(vocab(1.5), HasSubstr("whole number"));
  EXPECT_THAT(vocab(5), HasSubstr("two pieces"));
  const auto merge = [&](const Json& m) { return error_after([&](Json& t) { t["model"]["merges"].push_back(m); }); };
  EXPECT_THAT(merge("q zebra"), HasSubstr("zebra"));
  EXPECT_THAT(merge(Json::array({"q", "j"})), HasSubstr("'qj'"));
  EXPECT_THAT(merge("one"), HasSubstr("merge"));
  EXPECT_THAT(merge("a b c"), HasSubstr("merge"));
  EXPECT_THAT(merge(Json::array({"a", 1})), HasSubstr("merges"));
  EXPECT_THAT(merge(3), HasSubstr("merges"));
  EXPECT_THAT(error_after([](Json& t) { t["model"].erase("vocab"); }), HasSubstr("vocab"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["vocab"] = Json::object(); }), HasSubstr("empty"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["merges"] = 1; }), HasSubstr("merges"));
  EXPECT_THAT(error_after([](Json& t) { t["model"]["unk_token"] = "nowhere"; }), HasSubstr("nowhere"));
}

TEST_F(LoadTokenizer, RefusesBrokenAddedTokens) {
  using ::testing::HasSubstr;
  const auto add = [&](const char* token) {
    return error_after([&](Json& t) { t["added_tokens"].push_back(Json::parse(token)); });
  };
  EXPECT_THAT(add(R"({"id": 5, "content": "<new>"})"), HasSubstr("two pieces"));
  EXPECT_THAT(add(R"({"id": 700, "content": "the"})"), HasSubstr("vocabulary says"));
  EXPECT_THAT(add(R"({"id": 700, "content": ""})"), HasSubstr("empty"));
  EXPECT_THAT(add(R"({"id": 700, "content": 1})"), HasSubstr("content"));
  EXPECT_THAT(add(R"({"content": "x"})"), HasSubstr("id"));
  EXPECT_THAT(add(R"({"id": 700, "content": "x", "lstrip": "no"})"), HasSubstr("lstrip"));
  EXPECT_THAT(add(R"(["x"])"), HasSubstr("added_tokens[3]"));
}

TEST_F(LoadTokenizer, RefusesFilesThatAreNotWhatTheyShouldBe) {
  using ::testing::HasSubstr;
  for (const char* bad : {"", "{", "[]", "null", "\xff\xfe", R"({"model": {}, "model": {}})", R"({"model": 3})"}) {
    write("tokenizer.json", bad);
    EXPECT_THAT(error(), HasSubstr("tokenizer.json")) << bad;
  }
  fs::remove(folder_.path() / "tokenizer.json");
  for (const std::string& bad : {std::string(), std::string("no model"), std::string(1000, '\0')}) {
    write("tokenizer.model", bad);
    EXPECT_THAT(error(), HasSubstr("tokenizer.model"));
  }
  fs::remove(folder_.path() / "tokenizer.model");
  write_vocab_and_merges();
  write("merges.txt", "#version: 0.2\na\n");
  EXPECT_THAT(error(), HasSubstr("line 2"));
}

TEST_F(LoadTokenizer, SurvivesACutFile) {
  const std::string text = good_.dump();
  for (std::size_t length = 0; length < text.size(); length += 97) {
    write("tokenizer.json", text.substr(0, length));
    EXPECT_THROW((void)load(), Error);
  }
}

TEST_F(LoadTokenizer, WarnsOfBytesThatTheVocabularyCannotSay) {
  EXPECT_TRUE(load_tokenizer(stac::testing::test_data("text/byte_bpe"))->warnings().empty());
  write("vocab.json", R"({"a": 0, "b": 1})");
  write("merges.txt", "");
  ASSERT_EQ(load()->warnings().size(), 1u);
  EXPECT_THAT(load()->warnings()[0], ::testing::HasSubstr("254 of the 256 bytes"));
}

TEST(PipelineTokenizer, ReplacesMalformedUtf8InItsInput) {
  const auto tokenizer = load_tokenizer(stac::testing::test_data("text/byte_bpe"));
  EXPECT_EQ(tokenizer->encode("a\xff\xe2\x82z"), tokenizer->encode("a\uFFFD\uFFFDz"));
}

TEST(SentencePieceTokenizer, RecognisesControlPiecesOnTheChatPathOnly) {
  const auto tokenizer = load_tokenizer(stac::testing::test_data("text/spm_bpe"));
  const std::int64_t control = *tokenizer->id_of("<|im_start|>");
  EXPECT_TRUE(tokenizer->is_special(control));
  EXPECT_THAT(tokenizer->encode("<|im_start|>user"), ::testing::Not(::testing::Contains(control)));
  const Ids chat = tokenizer->encode_chat("<|im_start|>user</s>");
  EXPECT_EQ(chat.front(), control);
  EXPECT_EQ(chat.back(), tokenizer->eos_id());
  EXPECT_EQ(Ids(chat.begin() + 1, chat.end() - 1), tokenizer->encode("user"));
}

TEST(BundledModel, EncodesItsOwnChatTemplateWithSpecialTokens) {
  const fs::path folder = stac::testing::source_root() / "models" / "stac-tiny";
  if (!fs::exists(folder / "tokenizer.json")) FAIL() << "models/stac-tiny is not there";
  const auto tokenizer = load_tokenizer(folder);
  EXPECT_TRUE(tokenizer->eos_id());
  const std::string text = "My name is Alice Smith and I am from New York. \u00e9\U0001f600\n";
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text), Specials::keep), text);
}

}  // namespace
}  // namespace stac::text::testing
