// Downloads from an orderly hub, and from one that refuses.
#include "stac/io/hub_download.hpp"

#include "io/hub_world.hpp"
#include "stac/io/hub.hpp"
#include "stac/io/hub_cache.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::ServedReply;
using stac::testing::ServedRepository;
using stac::testing::ServedRequest;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kHubCommit;
using testing::random_bytes;
using testing::read_bytes;
using testing::sharded_model;
using testing::small_model;
using ::testing::StartsWith;
using testing::write_bytes;

using HubDownload = testing::HubWorld;

TEST_F(HubDownload, PutsWhatStacReadsIntoTheStandardLayoutAndNothingElse) {
  const ServedRepository model = small_model();
  server_.add_model("org/model", model);
  const fs::path snapshot = download();
  EXPECT_EQ(snapshot, repository() / "snapshots" / kHubCommit);
  const std::vector<std::string> names{"config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                                       "tokenizer_config.json"};
  EXPECT_EQ(files_below(snapshot), names);
  std::vector<std::string> etags;
  for (const std::string& name : names) {
    const std::string etag = etag_of(model.files.at(name));
    etags.push_back(etag);
    EXPECT_EQ(fs::read_symlink(snapshot / name), fs::path("../../blobs") / etag);
    EXPECT_EQ(read_bytes(snapshot / name), model.files.at(name).bytes);
  }
  std::sort(etags.begin(), etags.end());
  EXPECT_EQ(files_below(repository() / "blobs"), etags);
  EXPECT_EQ(read_bytes(repository() / "refs" / "main"), kHubCommit);
}

TEST_F(HubDownload, FetchesTheShardsThatTheIndexNames) {
  const ServedRepository model = sharded_model();
  server_.add_model("org/model", model);
  const fs::path snapshot = download();
  EXPECT_EQ(files_below(snapshot),
            (std::vector<std::string>{"config.json", "generation_config.json", "model-00001-of-00002.safetensors",
                                      "model.safetensors.index.json", "parts/model-00002-of-00002.safetensors",
                                      "tokenizer.json", "tokenizer_config.json"}));
  EXPECT_EQ(read_bytes(snapshot / "parts/model-00002-of-00002.safetensors"),
            model.files.at("parts/model-00002-of-00002.safetensors").bytes);
  EXPECT_THAT(fs::read_symlink(snapshot / "parts/model-00002-of-00002.safetensors").string(),
              StartsWith("../../../blobs/"));
}

TEST_F(HubDownload, ASnapshotThatLacksAShardIsNotFoundAndIsCompleted) {
  const ServedRepository model = sharded_model();
  server_.add_model("org/model", model);
  const fs::path snapshot = download();
  const HubId id = *parse_hub_id("org/model");
  EXPECT_EQ(find_in_hub_cache(access_.cache, id), snapshot);
  const std::string shard = "parts/model-00002-of-00002.safetensors";
  fs::remove(blob(model.files.at(shard)));
  EXPECT_EQ(find_in_hub_cache(access_.cache, id), std::nullopt);
  server_.forget_requests();
  EXPECT_EQ(download(), snapshot);
  EXPECT_EQ(read_bytes(snapshot / shard), model.files.at(shard).bytes);
  EXPECT_EQ(storage_requests().size(), 1U);
}

TEST_F(HubDownload, AnIndexThatNamesWhatTheRepositoryLacksIsRefused) {
  ServedRepository model = sharded_model();
  model.files.erase("model-00001-of-00002.safetensors");
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), HasSubstr("names 'model-00001-of-00002.safetensors', which the repository does not have"));
  model.files["model.safetensors.index.json"] = {R"({"weight_map": {"a": "../../../outside"}})"};
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), HasSubstr("leaves the checkpoint's folder"));
}

TEST_F(HubDownload, WhatIsInTheCacheIsNotAskedFor) {
  server_.add_model("org/model", small_model());
  const fs::path snapshot = fetch_model("org/model", access_, watcher_);
  server_.forget_requests();
  EXPECT_EQ(fetch_model("org/model", access_, watcher_), snapshot);
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST_F(HubDownload, ASnapshotWithoutATokenizerIsCompletedWhereTheHubAnswers) {
  server_.add_model("org/model", small_model());
  const fs::path snapshot = download();
  fs::remove(snapshot / "tokenizer.json");
  EXPECT_EQ(fetch_model("org/model", access_, watcher_), snapshot);
  EXPECT_TRUE(fs::exists(snapshot / "tokenizer.json"));
  fs::remove(snapshot / "tokenizer.json");
  access_.offline = true;
  EXPECT_EQ(fetch_model("org/model", access_, watcher_), snapshot);
  access_.offline = false;
  access_.endpoint = "http://127.0.0.1:1";
  EXPECT_THAT(testing::error_of([&] { static_cast<void>(fetch_model("org/model", access_, watcher_)); }),
              AllOf(HasSubstr("has no tokenizer"), HasSubstr("HF_HUB_OFFLINE=1")));
}

TEST_F(HubDownload, BlobsThatTwoRevisionsShareAreFetchedOnce) {
  ServedRepository model = small_model();
  server_.add_model("org/model", model);
  download();
  model.commit = std::string(40, 'b');
  model.files["config.json"].bytes += "\n";
  server_.add_model("org/model", model);
  server_.forget_requests();
  EXPECT_EQ(download(), repository() / "snapshots" / model.commit);
  EXPECT_EQ(storage_requests().size(), 0U);
  EXPECT_EQ(read_bytes(repository() / "refs" / "main"), model.commit);
}

TEST_F(HubDownload, ARevisionMayBeATagAPullRequestOrACommit) {
  ServedRepository model = small_model();
  model.revisions = {"main", "v1.0", "refs/pr/7"};
  server_.add_model("org/model", model);
  for (const char* revision : {"v1.0", "refs/pr/7", kHubCommit}) {
    EXPECT_EQ(download(std::string("org/model@") + revision), repository() / "snapshots" / kHubCommit) << revision;
  }
  EXPECT_EQ(files_below(repository() / "refs"), (std::vector<std::string>{"refs/pr/7", "v1.0"}));
}

TEST_F(HubDownload, AllFilesAreOfTheCommitThatTheRevisionStoodAt) {
  server_.add_model("org/model", small_model());
  server_.interfere([](const ServedRequest& request, ServedReply& reply) {
    if (request.path.ends_with("/tokenizer.json")) reply.headers["X-Repo-Commit"] = std::string(40, 'c');
  });
  EXPECT_THAT(refusal(), HasSubstr("answers with commit cccc"));
  for (const ServedRequest& request : server_.requests()) {
    if (request.path.find("/resolve/") == std::string::npos) continue;
    EXPECT_THAT(request.path, HasSubstr(kHubCommit));
  }
}

TEST_F(HubDownload, AShortNameAndAMovedRepositoryAreFollowed) {
  server_.add_model("distilbert/distilgpt2", small_model());
  EXPECT_EQ(download("distilgpt2"), access_.cache / "models--distilbert--distilgpt2" / "snapshots" / kHubCommit);
  ServedRepository moved;
  moved.moved_to = "distilbert/distilgpt2";
  server_.add_model("org/old-name", moved);
  EXPECT_EQ(download("org/old-name"), access_.cache / "models--org--old-name" / "snapshots" / kHubCommit);
}

TEST_F(HubDownload, TheTokenIsShownToTheEndpointAlone) {
  ServedRepository model = small_model();
  model.needs_token = "hf_secret";
  server_.add_model("org/model", model);
  access_.token = "hf_secret";
  download();
  std::size_t elsewhere = 0;
  for (const ServedRequest& request : server_.requests()) {
    const bool is_endpoint = request.host == "127.0.0.1:" + std::to_string(server_.port());
    EXPECT_EQ(request.header("authorization"), is_endpoint ? "Bearer hf_secret" : "") << request.host << request.path;
    elsewhere += is_endpoint ? 0U : 1U;
  }
  EXPECT_EQ(elsewhere, 1U);  // the weights, from the storage host
}

TEST_F(HubDownload, RedirectsThatNeverEndAreGivenUp) {
  server_.add_model("org/model", small_model());
  server_.interfere([](const ServedRequest& request, ServedReply& reply) {
    if (request.path.ends_with("/config.json")) reply = {302, {{"Location", request.path}}};
  });
  EXPECT_THAT(refusal(), HasSubstr("more than 10 redirects"));
  EXPECT_LT(server_.requests().size(), 20U);
}

TEST_F(HubDownload, ThePlanSaysWhatIsMissingAndProgressEndsAtIt) {
  const ServedRepository model = small_model();
  server_.add_model("org/model", model);
  const std::string weights = model.files.at("model.safetensors").bytes;
  write_bytes(blob(model.files.at("model.safetensors")).string() + ".incomplete", weights.substr(0, 1000));
  std::vector<DownloadPlan> plans;
  std::uint64_t first = 0, last = 0;
  watcher_.begin = [&](const DownloadPlan& plan) { plans.push_back(plan); };
  watcher_.progress = [&](const std::string& file, std::uint64_t done, std::uint64_t total) {
    if (file == "model.safetensors" && first == 0) first = done;
    last = done;
    EXPECT_TRUE(total == 0 || done <= total);
  };
  download();
  std::uint64_t others = 0;
  for (const char* name : {"config.json", "generation_config.json", "tokenizer.json"}) {
    others += model.files.at(name).bytes.size();
  }
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_EQ(plans[0].files, 5U);
  EXPECT_EQ(plans[0].bytes, others + weights.size());
  EXPECT_EQ(plans[0].repository, "org/model");
  EXPECT_EQ(plans[0].commit, kHubCommit);
  EXPECT_EQ(plans[0].folder, repository());
  EXPECT_EQ(first, others + 1000);
  EXPECT_EQ(last, plans[0].bytes);
}

TEST_F(HubDownload, TooLittleRoomIsToldBeforeAnythingIsWritten) {
  server_.add_model("org/model", small_model());
  server_.interfere([](const ServedRequest& request, ServedReply& reply) {
    if (request.path.ends_with("/model.safetensors")) reply.headers["X-Linked-Size"] = "900000000000000000";
  });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("needs 900.0 PB more"), HasSubstr("are free"), HasSubstr("HF_HUB_CACHE")));
  EXPECT_EQ(storage_requests().size(), 0U);
  EXPECT_EQ(files_below(access_.cache), std::vector<std::string>());
}

TEST_F(HubDownload, ADataSetsFileIsFetchedOnce) {
  ServedRepository data{kHubCommit};
  data.files = {{"raw/wiki test.txt", {random_bytes(30'000, 5), true}}, {"README.md", {"card"}}};
  server_.add_dataset("org/data", data);
  const HubFile file = *parse_hub_file("hf://datasets/org/data/raw/wiki test.txt");
  const fs::path path = download_file(access_, file, watcher_);
  EXPECT_EQ(path, access_.cache / "datasets--org--data" / "snapshots" / kHubCommit / "raw/wiki test.txt");
  EXPECT_EQ(read_bytes(path), data.files.at("raw/wiki test.txt").bytes);
  server_.forget_requests();
  EXPECT_EQ(download_file(access_, file, watcher_), path);
  EXPECT_EQ(server_.requests().size(), 0U);
  const HubFile missing = *parse_hub_file("hf://datasets/org/data/none.txt");
  EXPECT_THAT(testing::error_of([&] { static_cast<void>(download_file(access_, missing)); }),
              HasSubstr("'org/data' has no file 'none.txt'"));
  access_.offline = true;
  EXPECT_THAT(testing::error_of([&] { static_cast<void>(download_file(access_, missing)); }),
              HasSubstr("`hf download --repo-type dataset org/data none.txt`"));
}

// Refusals, each with what to do.

TEST_F(HubDownload, ARepositoryThatIsNotThereOrPrivateIsRefused) {
  EXPECT_THAT(refusal("org/none"),
              AllOf(HasSubstr(" has no model 'org/none', or it is private"), HasSubstr("HF_TOKEN=hf_...")));
  ServedRepository model = small_model();
  model.is_private = true;
  model.needs_token = "right";
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), HasSubstr("or it is private"));
  access_.token = "wrong";
  access_.token_source = "HF_TOKEN";
  EXPECT_THAT(refusal(), HasSubstr("a token that may read it (now: that of HF_TOKEN)"));
  EXPECT_THAT(refusal("org/none"), HasSubstr("has no model 'org/none'"));
  access_.token = "right";
  EXPECT_EQ(refusal(), "");
}

TEST_F(HubDownload, AGatedRepositorySaysWhereItsTermsAre) {
  ServedRepository model = small_model();
  model.needs_token = "right";
  server_.add_model("org/model", model);
  const std::string page = server_.endpoint() + "/org/model";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("'org/model' is gated"), HasSubstr("accept them at " + page)));
  access_.token = "wrong";
  access_.token_source = "HF_TOKEN";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("the token of HF_TOKEN may not read it"), HasSubstr(page)));
}

TEST_F(HubDownload, ATokenThatIsNotAcceptedIsNamedByItsSource) {
  server_.add_model("org/model", small_model());
  access_.token = "expired";
  access_.token_source = "/home/me/.cache/huggingface/token";
  server_.interfere([](const ServedRequest& request, ServedReply& reply) {
    const std::map<std::string, std::string> headers{
        {"X-Error-Message", "Invalid credentials in Authorization header"}};
    if (!request.header("authorization").empty()) reply = {401, headers};
  });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("does not accept the token of /home/me/.cache/huggingface/token"),
                               HasSubstr("/settings/tokens")));
}

TEST_F(HubDownload, AnUnknownRevisionIsRefused) {
  server_.add_model("org/model", small_model());
  EXPECT_THAT(refusal("org/model@v9"),
              AllOf(HasSubstr("'org/model' has no revision 'v9'"), HasSubstr("/commits/main")));
}

TEST_F(HubDownload, OtherRefusalsAreShownAsTheHubSaysThem) {
  server_.add_model("org/model", small_model());
  server_.interfere([](const ServedRequest&, ServedReply& reply) {
    reply = {403, {{"X-Error-Message", "Access to this resource is \x1b[31mdisabled."}}};
  });
  EXPECT_THAT(refusal(), HasSubstr("answers 403 (Access to this resource is \\x1b[31mdisabled.)"));
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(HubDownload, PickleWeightsAloneAreNotFetched) {
  ServedRepository model = small_model();
  model.files.erase("model.safetensors");
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("has pickle weights alone"), HasSubstr("/discussions")));
  model.files.erase("pytorch_model.bin");
  model.files["model-q4.gguf"] = {"gguf", true};
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), HasSubstr("only GGUF files"));
  model.files.erase("config.json");
  server_.add_model("org/model", model);
  EXPECT_THAT(refusal(), HasSubstr("has no config.json"));
  EXPECT_EQ(files_below(access_.cache), std::vector<std::string>());
}

TEST_F(HubDownload, WhatIsNotAHubIsFoundOut) {
  server_.add_model("org/model", small_model());
  const auto answers = [&](const std::function<void(ServedReply&)>& change, const std::string& path) {
    server_.interfere([=](const ServedRequest& request, ServedReply& reply) {
      if (request.path.ends_with(path)) change(reply);
    });
    return refusal();
  };
  const auto hint = HasSubstr("check HF_ENDPOINT");
  EXPECT_THAT(answers(
                  [](ServedReply& reply) {
                    reply = {200, {}, "<html>Log in, please</html>"};
                  },
                  "revision/main"),
              hint);
  EXPECT_THAT(
      answers([](ServedReply& reply) { reply.body = R"({"sha": "../../x", "siblings": []})"; }, "revision/main"),
      AllOf(HasSubstr("does not list"), hint));
  EXPECT_THAT(answers([](ServedReply& reply) { reply.body = "[1]"; }, "revision/main"), hint);
  EXPECT_THAT(answers([](ServedReply& reply) { reply.headers["ETag"] = "\"../../../outside\""; }, "config.json"),
              AllOf(HasSubstr("no hash to check the file by"), hint));
  EXPECT_THAT(answers([](ServedReply& reply) { reply.headers.erase("X-Repo-Commit"); }, "config.json"),
              AllOf(HasSubstr("names no commit"), hint));
  EXPECT_THAT(
      answers([](ServedReply& reply) { reply.headers["Location"] = "file:///etc/passwd"; }, "model.safetensors"),
      HasSubstr("is not"));
}

TEST_F(HubDownload, WhereNobodyAnswersTheCommandThatFetchesIsTold) {
  access_.endpoint = "http://127.0.0.1:1";
  const std::string error = testing::error_of([&] { static_cast<void>(fetch_model("org/model", access_, watcher_)); });
  EXPECT_THAT(error, AllOf(HasSubstr("model 'org/model' is not a folder"), HasSubstr("cannot be reached"),
                           HasSubstr("`hf download org/model`")));
  EXPECT_THAT(warnings_, ElementsAre());
  access_.offline = true;
  EXPECT_THAT(testing::error_of([&] { static_cast<void>(fetch_model("org/model@v2", access_, watcher_)); }),
              AllOf(HasSubstr("`hf download org/model --revision v2`")));
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST_F(HubDownload, AProxyOfTheEnvironmentIsAsked) {
  server_.add_model("org/model", small_model());
  const testing::ScopedVariable proxy("http_proxy", server_.endpoint());
  const testing::ScopedVariable except("no_proxy", std::nullopt);
  access_.endpoint = "http://hub.invalid";
  EXPECT_EQ(refusal(), "");
  EXPECT_EQ(server_.requests().front().host, "hub.invalid");
}

}  // namespace
}  // namespace stac::io
