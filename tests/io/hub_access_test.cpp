// What the environment says about the hub, and the names of things there.
#include "stac/io/hub_access.hpp"

#include <gmock/gmock.h>

#include "io/hub/http.hpp"
#include "io/hub/retry.hpp"
#include "io/hub/url.hpp"
#include "io/io_test_support.hpp"
#include "stac/io/byte_text.hpp"
#include "stac/io/hub.hpp"
#include "stac/io/model_names.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

using stac::testing::TemporaryFolder;
using testing::error_of;
using ::testing::HasSubstr;
using testing::ScopedVariable;
using testing::write_bytes;

/// An environment that says nothing but where home is.
class Environment : public ::testing::Test {
 protected:
  TemporaryFolder home_;
  ScopedVariable variables_[14] = {{"HOME", home_.path().string()},
                                   {"HF_HOME", std::nullopt},
                                   {"XDG_CACHE_HOME", std::nullopt},
                                   {"HF_HUB_CACHE", std::nullopt},
                                   {"HUGGINGFACE_HUB_CACHE", std::nullopt},
                                   {"HF_ENDPOINT", std::nullopt},
                                   {"HF_TOKEN", std::nullopt},
                                   {"HUGGING_FACE_HUB_TOKEN", std::nullopt},
                                   {"HF_TOKEN_PATH", std::nullopt},
                                   {"HF_HUB_OFFLINE", std::nullopt},
                                   {"TRANSFORMERS_OFFLINE", std::nullopt},
                                   {"HF_HUB_DISABLE_IMPLICIT_TOKEN", std::nullopt},
                                   {"SSL_CERT_FILE", std::nullopt},
                                   {"CURL_CA_BUNDLE", std::nullopt}};
};

TEST_F(Environment, WithoutVariablesThePublicHubIsReadAnonymously) {
  const HubAccess access = hub_access_from_environment();
  EXPECT_EQ(access.endpoint, "https://huggingface.co");
  EXPECT_EQ(access.token, "");
  EXPECT_FALSE(access.offline);
  EXPECT_EQ(access.cache, home_.path() / ".cache/huggingface/hub");
}

TEST_F(Environment, TheTokenIsTheVariableElseTheNamedFileElseThatOfHome) {
  write_bytes(home_.path() / ".cache/huggingface/token", "hf_home\n");
  EXPECT_EQ(hub_access_from_environment().token, "hf_home");
  EXPECT_EQ(hub_access_from_environment().token_source, (home_.path() / ".cache/huggingface/token").string());
  write_bytes(home_.path() / "elsewhere/token", "hf_elsewhere");
  const ScopedVariable hf_home("HF_HOME", "~/elsewhere");
  EXPECT_EQ(hub_access_from_environment().token, "hf_elsewhere");
  write_bytes(home_.path() / "named", "  hf_named \n");
  const ScopedVariable path("HF_TOKEN_PATH", (home_.path() / "named").string());
  EXPECT_EQ(hub_access_from_environment().token, "hf_named");
  const ScopedVariable variable("HF_TOKEN", "hf_variable");
  EXPECT_EQ(hub_access_from_environment().token, "hf_variable");
  EXPECT_EQ(hub_access_from_environment().token_source, "HF_TOKEN");
  const ScopedVariable never("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
  EXPECT_EQ(hub_access_from_environment().token, "");
}

TEST_F(Environment, ATokenThatCouldAddAHeaderIsRefused) {
  for (const char* token : {"a b", "a\r\nX-Evil: 1", "a\x7f", "h\xc3\xa9"}) {
    const ScopedVariable variable("HF_TOKEN", token);
    const std::string error = error_of([] { static_cast<void>(hub_access_from_environment()); });
    EXPECT_THAT(error, HasSubstr("HF_TOKEN: holds no token"));
    EXPECT_EQ(error.find("Evil"), std::string::npos);  // secrets stay out of messages
  }
}

TEST_F(Environment, OfflineIsWhatHuggingfaceHubTakesForTrue) {
  for (const char* yes : {"1", "true", "ON", "Yes"}) {
    const ScopedVariable offline("HF_HUB_OFFLINE", yes);
    EXPECT_TRUE(hub_access_from_environment().offline) << yes;
  }
  for (const char* no : {"", "0", "no", "false", "2"}) {
    const ScopedVariable offline("HF_HUB_OFFLINE", no);
    EXPECT_FALSE(hub_access_from_environment().offline) << no;
  }
  const ScopedVariable transformers("TRANSFORMERS_OFFLINE", "1");
  EXPECT_TRUE(hub_access_from_environment().offline);
}

TEST_F(Environment, AnEndpointIsAUrlWithoutASlashAtItsEnd) {
  {
    const ScopedVariable endpoint("HF_ENDPOINT", "https://mirror.example/hub//");
    EXPECT_EQ(hub_access_from_environment().endpoint, "https://mirror.example/hub");
  }
  for (const char* wrong : {"mirror.example", "ftp://mirror.example", "https://", "http://[::1"}) {
    const ScopedVariable endpoint("HF_ENDPOINT", wrong);
    EXPECT_THAT(error_of([] { static_cast<void>(hub_access_from_environment()); }), HasSubstr("HF_ENDPOINT: "))
        << wrong;
  }
}

TEST(Url, AnOriginIsSchemeHostAndPort) {
  EXPECT_EQ(url_origin("https://HuggingFace.co/a?b"), "https://huggingface.co:443");
  EXPECT_EQ(url_origin("http://localhost:8080"), "http://localhost:8080");
  EXPECT_NE(url_origin("http://localhost:8080"), url_origin("http://127.0.0.1:8080"));
  EXPECT_NE(url_origin("http://huggingface.co"), url_origin("https://huggingface.co"));
  EXPECT_EQ(url_origin("https://huggingface.co@evil.example/"), "https://evil.example:443");
}

TEST(Url, ALocationMayBeRelative) {
  EXPECT_EQ(resolved_url("https://a.b/c/d?e", "/f"), "https://a.b/f");
  EXPECT_EQ(resolved_url("https://a.b/c/d?e", "f"), "https://a.b/c/f");
  EXPECT_EQ(resolved_url("https://a.b/c/d?e", "https://x.y/z?s=1"), "https://x.y/z?s=1");
}

TEST(Url, WhatCouldEndASegmentIsEncoded) {
  EXPECT_EQ(percent_encoded("refs/pr/1"), "refs%2Fpr%2F1");
  EXPECT_EQ(percent_encoded_path("a b/ü?#%"), "a%20b/%C3%BC%3F%23%25");
}

TEST(RetryAfter, IsSecondsOrADate) {
  const auto said = [](const char* text) { return retry_after({503, {{"retry-after", text}}}); };
  EXPECT_EQ(said("7"), std::chrono::seconds(7));
  EXPECT_EQ(said("Wed, 21 Oct 2015 07:28:00 GMT"), std::chrono::seconds(0));
  EXPECT_GT(said("Wed, 21 Oct 2099 07:28:00 GMT"), std::chrono::hours(1));
  EXPECT_EQ(said("soon"), std::nullopt);
  EXPECT_EQ(retry_after({503, {}}), std::nullopt);
}

TEST(HubNames, AFileOfADataSetIsNamedAsHuggingfaceHubDoes) {
  const auto file = parse_hub_file("hf://datasets/org/name@v1/a/b c.txt");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->dataset.repository, "org/name");
  EXPECT_EQ(file->dataset.revision, "v1");
  EXPECT_EQ(file->path, "a/b c.txt");
  EXPECT_EQ(parse_hub_file("hf://datasets/org/name/a")->dataset.revision, "main");
  for (const char* wrong : {"hf://org/name/a", "hf://datasets/org", "hf://datasets/org/name", "hf://datasets/org/name/",
                            "hf://datasets/org/name/../a", "hf://datasets/../name/a", "hf://datasets/org//a", "a"}) {
    EXPECT_EQ(parse_hub_file(wrong), std::nullopt) << wrong;
  }
}

TEST(HubNames, ARevisionGoesWithAHubIdAlone) {
  const ScopedVariable data("STAC_DATA", stac::testing::source_root().string());
  EXPECT_EQ(with_revision("org/name", "v1"), "org/name@v1");
  EXPECT_EQ(with_revision("gpt2", "refs/pr/1"), "gpt2@refs/pr/1");
  for (const char* wrong : {"stac-tiny", "/tmp", "./x", "org/name@main"}) {
    EXPECT_THROW(static_cast<void>(with_revision(wrong, "v1")), UsageError) << wrong;
  }
  EXPECT_THROW(static_cast<void>(with_revision("org/name", "a b")), UsageError);
}

TEST(HubNames, TheShortNamesThatComeWithStacAreSoundAndDifferent) {
  const ScopedVariable data("STAC_DATA", stac::testing::source_root().string());
  std::map<std::string, std::string> seen;
  for (const ModelName& known : model_names()) {
    EXPECT_TRUE(seen.emplace(known.name, known.repository).second) << known.name;
    EXPECT_NE(known.repository.find('/'), std::string::npos);
    EXPECT_NE(known.about, "");
  }
  EXPECT_EQ(current_repository("smollm2-1.7b-instruct"), "HuggingFaceTB/SmolLM2-1.7B-Instruct");
  EXPECT_EQ(current_repository("org/other"), "org/other");
}

TEST(ByteText, HasOneDigitAndDecimalUnits) {
  EXPECT_EQ(byte_text(0), "0 B");
  EXPECT_EQ(byte_text(999), "999 B");
  EXPECT_EQ(byte_text(1000), "1.0 kB");
  EXPECT_EQ(byte_text(999'949), "999.9 kB");
  EXPECT_EQ(byte_text(999'950), "1.0 MB");
  EXPECT_EQ(byte_text(3'422'777'952), "3.4 GB");
  EXPECT_EQ(byte_text(18'446'744'073'709'551'615U), "18.4 EB");
}

}  // namespace
}  // namespace stac::io
