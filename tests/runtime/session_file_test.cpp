#include "stac/runtime/session_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "stac/error.hpp"
#include "stac/io/sha256.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::HasSubstr;

SavedSession some_session() {
  SavedSession session;
  session.model = {"m", io::sha256_of("m"), "f32"};
  session.mode = "snn";
  session.settings.system = "Be \"kind\".\n";
  session.settings.sampling = {.temperature = 0.1,
                               .top_k = 7,
                               .top_p = 1.0 / 3.0,
                               .min_p = 0.05,
                               .repetition_penalty = 1.1,
                               .seed = 12345678901234,
                               .logit_bias = {{5, 0.1F}, {9, -std::numeric_limits<float>::infinity()}}};
  session.settings.max_new_tokens = 40;
  session.settings.max_context = 100;
  session.settings.overflow = OverflowPolicy::window;
  session.settings.stop_texts = {"\n\n", "é"};
  session.known = {{{"system", "S"}, {"user", "ü"}, {"assistant", ""}}, 3};
  session.ids = {1, 2, 3};
  session.approximate = true;
  return session;
}

class SessionFile : public ::testing::Test {
 protected:
  std::string failure(const std::string& text) {
    std::ofstream(file_) << text;
    try {
      (void)load_session(file_);
    } catch (const Error& error) {
      return std::string(error.what()) + " | " + error.hint();
    }
    return "nothing failed";
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "s.json";
};

TEST_F(SessionFile, WhatIsSavedIsLoaded) {
  const SavedSession saved = some_session();
  save_session(file_, saved);
  const SavedSession loaded = load_session(file_);
  EXPECT_EQ(loaded.model.name, saved.model.name);
  EXPECT_EQ(loaded.model.fingerprint, saved.model.fingerprint);
  EXPECT_EQ(loaded.model.storage, saved.model.storage);
  EXPECT_EQ(loaded.mode, "snn");
  EXPECT_EQ(loaded.settings.system, saved.settings.system);
  EXPECT_EQ(loaded.settings.sampling.temperature, 0.1);
  EXPECT_EQ(loaded.settings.sampling.top_k, 7);
  EXPECT_EQ(loaded.settings.sampling.top_p, 1.0 / 3.0);
  EXPECT_EQ(loaded.settings.sampling.min_p, 0.05);
  EXPECT_EQ(loaded.settings.sampling.repetition_penalty, 1.1);
  EXPECT_EQ(loaded.settings.sampling.seed, 12345678901234u);
  EXPECT_EQ(loaded.settings.sampling.logit_bias, saved.settings.sampling.logit_bias);
  EXPECT_EQ(loaded.settings.max_new_tokens, 40);
  EXPECT_EQ(loaded.settings.max_context, 100);
  EXPECT_EQ(loaded.settings.overflow, OverflowPolicy::window);
  EXPECT_EQ(loaded.settings.stop_texts, saved.settings.stop_texts);
  EXPECT_EQ(loaded.known, saved.known);
  EXPECT_EQ(loaded.ids, saved.ids);
  EXPECT_TRUE(loaded.approximate);
}

TEST_F(SessionFile, SettingsThatAreNotGivenStayNotGiven) {
  SavedSession saved = some_session();
  saved.settings.system = std::nullopt;
  saved.settings.max_context = std::nullopt;
  save_session(file_, saved);
  EXPECT_EQ(load_session(file_).settings.system, std::nullopt);
  EXPECT_EQ(load_session(file_).settings.max_context, std::nullopt);
}

TEST_F(SessionFile, EveryFieldIsNeededAndNoOtherIsTaken) {
  save_session(file_, some_session());
  std::ifstream stream(file_);
  const auto whole = nlohmann::json::parse(stream);
  for (const auto& [field, value] : whole.items()) {
    auto without = whole;
    without.erase(field);
    EXPECT_THAT(failure(without.dump()), HasSubstr("'" + field + "'"));
    auto wrong = whole;
    wrong[field] = nlohmann::json::object({{"x", 1}});
    EXPECT_THAT(failure(wrong.dump()), HasSubstr("s.json: '" + field)) << field;
  }
  for (const char* const part : {"settings", "known"}) {
    for (const auto& [field, value] : whole.at(part).items()) {
      auto without = whole;
      without[part].erase(field);
      EXPECT_THAT(failure(without.dump()), HasSubstr("'" + std::string(part) + "." + field + "'"));
    }
  }
  auto more = whole;
  more["surprise"] = 1;
  EXPECT_THAT(failure(more.dump()), HasSubstr("'surprise' is not a field"));
}

TEST_F(SessionFile, OneOfTheVersionBeforeIsReadAndSaysNoStorage) {
  save_session(file_, some_session());
  std::ifstream stream(file_);
  auto json = nlohmann::json::parse(stream);
  stream.close();
  json["version"] = 2;
  json.erase("storage");
  std::ofstream(file_) << json;
  const SavedSession loaded = load_session(file_);
  EXPECT_EQ(loaded.known, some_session().known);
  EXPECT_EQ(loaded.model.storage, "");
  EXPECT_NO_THROW(require_same_model(loaded, some_session().model, file_));
}

TEST_F(SessionFile, WhatIsNoSessionIsRefusedWithTheWayOut) {
  save_session(file_, some_session());
  std::ifstream stream(file_);
  const auto whole = nlohmann::json::parse(stream);
  const auto changed = [&](const char* pointer, const nlohmann::json& value) {
    auto copy = whole;
    copy[nlohmann::json::json_pointer(pointer)] = value;
    return failure(copy.dump());
  };
  EXPECT_THAT(failure("not json"), HasSubstr("s.json"));
  EXPECT_THAT(failure("[]"), HasSubstr("/save"));
  EXPECT_THAT(changed("/format", "x"), HasSubstr("'format'"));
  EXPECT_THAT(changed("/version", 1), HasSubstr("'version'"));
  EXPECT_THAT(changed("/settings/overflow", "all"), HasSubstr("turns, window, shift, error"));
  EXPECT_THAT(changed("/settings/sampling/top_p", 1.5), HasSubstr("top_p"));
  EXPECT_THAT(changed("/settings/sampling/top_p", 0),
              HasSubstr("s.json: 'settings.sampling.top_p' and its neighbours cannot be so: top-p"));
  EXPECT_THAT(changed("/rerolls", -1), HasSubstr("rerolls"));
  EXPECT_THAT(changed("/settings/sampling/logit_bias/0/id", -1), HasSubstr("id"));
  EXPECT_THAT(changed("/known/messages/1/role", "assistant"), HasSubstr("role 'assistant' where user speaks"));
  EXPECT_THAT(changed("/known/messages/2/role", "user"), HasSubstr("role 'user' where assistant speaks"));
  EXPECT_THAT(changed("/known/messages/2", {{"role", "assistant"}, {"content", 3}}), HasSubstr("content"));
  EXPECT_THAT(changed("/ids/1", -4), HasSubstr("'ids'"));
  EXPECT_THROW((void)load_session("/nowhere/s.json"), Error);
}

TEST_F(SessionFile, AnotherModelIsRefusedByItsName) {
  const SavedSession session = some_session();
  EXPECT_NO_THROW(require_same_model(session, session.model, file_));
  const auto refused = [&](const std::string& name, const std::string& storage = "f32") {
    try {
      require_same_model(session, {name, io::sha256_of("other"), storage}, file_);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused("n"), HasSubstr("with the model 'm', not with 'n'"));
  EXPECT_THAT(refused("m"), HasSubstr("as it was converted, trained or stored then"));
  SavedSession bytes = session;
  bytes.model.storage = "f32, cache int8";
  try {
    require_same_model(bytes, {"m", io::sha256_of("other"), "f32"}, file_);
    FAIL() << "another storage";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("--dtype f32 --kv-dtype int8"));
  }
  EXPECT_THAT(refused("n", "f32, cache int8"), HasSubstr("not with 'n'")) << "the model first";
  EXPECT_THAT(refused("m", "f32, cache int8"), HasSubstr("with storage f32, not with f32, cache int8"));
}

// A file cut off anywhere is refused; one with other bytes in it is refused or read, and nothing else happens.
TEST_F(SessionFile, DamagedFilesAreRefusedOrRead) {
  save_session(file_, some_session());
  std::ifstream stream(file_, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(stream), {}};
  const std::string last = whole.substr(0, whole.find_last_of('}'));
  for (std::size_t length = 0; length <= last.size(); ++length) {
    EXPECT_THAT(failure(whole.substr(0, length)), HasSubstr("s.json")) << length;
  }
  std::mt19937 random(3);
  const std::string alphabet = "{}[]\",:0123456789-.e\\u \n\xff" + std::string(1, '\0');
  int refused = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string damaged = whole;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      damaged[random() % damaged.size()] = alphabet[random() % alphabet.size()];
    }
    refused += failure(damaged) == "nothing failed" ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(SessionFile, BytesThatAreNoTextAreRefusedAndTheOldFileStays) {
  save_session(file_, some_session());
  SavedSession broken = some_session();
  broken.known.messages[1].content = "\xff";
  EXPECT_THROW(save_session(file_, broken), Error);
  EXPECT_EQ(load_session(file_).known, some_session().known);
}

}  // namespace
}  // namespace stac::runtime
