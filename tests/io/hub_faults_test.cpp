// Downloads over connections that break, from servers that lie, and beside other programs.
#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <thread>

#include "io/file_descriptor.hpp"
#include "io/hub_world.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::etag_of;
using stac::testing::HubServer;
using stac::testing::ServedFile;
using stac::testing::ServedReply;
using stac::testing::ServedRepository;
using stac::testing::ServedRequest;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::random_bytes;
using testing::read_bytes;
using ::testing::SizeIs;
using testing::small_model;
using testing::write_bytes;

class HubFaults : public testing::HubWorld {
 protected:
  HubFaults() { server_.add_model("org/model", model_); }

  /// Changes replies with the large file's bytes; `n` counts them from 0.
  void on_weights(std::function<void(int n, const ServedRequest&, ServedReply&)> change) {
    server_.interfere([change, n = 0](const ServedRequest& request, ServedReply& reply) mutable {
      if (request.is_of_storage()) change(n++, request, reply);
    });
  }
  void expect_whole() {
    EXPECT_EQ(refusal(), "");
    EXPECT_EQ(read_bytes(blob(weights_)), weights_.bytes);
    EXPECT_FALSE(fs::exists(part()));
  }
  [[nodiscard]] fs::path part() const { return blob(weights_).string() + ".incomplete"; }
  std::size_t random_offset() { return random_() % weights_.bytes.size(); }

  ServedRepository model_ = small_model();
  ServedFile weights_ = model_.files.at("model.safetensors");
  std::mt19937_64 random_{20260101};
};

TEST_F(HubFaults, ATransferCutAnywhereGoesOnFromThere) {
  for (int round = 0; round < 40; ++round) {
    std::size_t sent = 0;
    on_weights([&](int n, const ServedRequest& request, ServedReply& reply) {
      EXPECT_EQ(request.header("range"), sent == 0 ? "" : "bytes=" + std::to_string(sent) + "-");
      if (n < 3) reply.cut_after = random_() % reply.body.size();
      sent += reply.cut_after.value_or(reply.body.size());
    });
    expect_whole();
    EXPECT_EQ(sent, weights_.bytes.size()) << "round " << round;  // no byte twice
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, AServerWithoutRangesSendsTheWholeFileAgain) {
  for (int round = 0; round < 20; ++round) {
    on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
      reply = {200, {}, weights_.bytes};
      if (n < 2) reply.cut_after = random_offset();
    });
    expect_whole();
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, AServerWithoutRangesThatAlwaysBreaksIsGivenUp) {
  on_weights([&](int, const ServedRequest&, ServedReply& reply) {
    reply = {200, {}, weights_.bytes};
    reply.cut_after = 1000;
  });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("model.safetensors: "), HasSubstr("at 1.0 kB of 300.0 kB"),
                               HasSubstr("5 times in a row"), HasSubstr("it goes on from what has arrived")));
  EXPECT_EQ(storage_requests().size(), 5U);
  EXPECT_EQ(read_bytes(part()), weights_.bytes.substr(0, 1000));
}

TEST_F(HubFaults, ABrokenByteIsFoundByTheHashAndTheFileReadAgain) {
  for (int round = 0; round < 20; ++round) {
    warnings_.clear();
    on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
      if (n == 0) reply.body[random_offset()] ^= static_cast<char>(1 + random_() % 255);
    });
    expect_whole();
    EXPECT_THAT(warnings_, Contains(HasSubstr("not what its hash says")));
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, ContentsThatStayWrongAreRefusedAndGetNoName) {
  on_weights([&](int, const ServedRequest&, ServedReply& reply) { reply.body[17] ^= 1; });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("instead of " + etag_of(weights_)), HasSubstr("HF_ENDPOINT")));
  EXPECT_FALSE(fs::exists(blob(weights_)));
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_FALSE(fs::exists(repository() / "refs" / "main"));
}

TEST_F(HubFaults, ASmallFileIsCheckedByGitsHash) {
  server_.interfere([](const ServedRequest& request, ServedReply& reply) {
    if (request.method == "GET" && request.path.ends_with("/config.json")) reply.body[3] ^= 1;
  });
  EXPECT_THAT(refusal(), HasSubstr("config.json: its contents have the hash"));
  EXPECT_FALSE(fs::exists(blob(model_.files.at("config.json"))));
}

TEST_F(HubFaults, APartOfAnEarlierRunIsGoneOnFrom) {
  for (int round = 0; round < 20; ++round) {
    const std::size_t there = random_offset();
    write_bytes(part(), weights_.bytes.substr(0, there));
    server_.forget_requests();
    expect_whole();
    const auto requests = storage_requests();
    ASSERT_THAT(requests, SizeIs(1));
    EXPECT_EQ(requests[0].header("range"), there == 0 ? "" : "bytes=" + std::to_string(there) + "-");
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, AWholePartIsOnlyChecked) {
  write_bytes(part(), weights_.bytes);
  expect_whole();
  EXPECT_THAT(storage_requests(), SizeIs(0));
}

TEST_F(HubFaults, APartThatIsNotOfTheFileIsReplaced) {
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{1000}, weights_.bytes.size(), weights_.bytes.size() + 1}) {
    write_bytes(part(), std::string(length, 'x'));
    expect_whole();
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, RangesThatWereNotAskedForAreNotTaken) {
  write_bytes(part(), weights_.bytes.substr(0, 500));
  on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
    if (n == 0) reply.headers["Content-Range"] = "bytes 501-299999/300000";
    if (n == 1) reply = {206, {{"Content-Range", "bytes 0-3/4"}}, "four"};
  });
  expect_whole();
  EXPECT_THAT(warnings_, SizeIs(2));
}

TEST_F(HubFaults, ARangeThatTheServerDeniesIsTakenFromTheStart) {
  write_bytes(part(), weights_.bytes.substr(0, 500));
  on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
    if (n == 0) reply = {416, {{"Content-Range", "bytes */300000"}}};
  });
  expect_whole();
}

TEST_F(HubFaults, MoreBytesThanTheFileHasAreNotWritten) {
  on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
    if (n == 0) reply.body += random_bytes(10'000'000, 9);
  });
  expect_whole();
  on_weights([&](int, const ServedRequest&, ServedReply& reply) { reply.body += "!"; });
  fs::remove_all(access_.cache);
  EXPECT_THAT(refusal(), HasSubstr("more than the 300000 bytes of the file"));
}

TEST_F(HubFaults, FailuresOfTheServerPassWithPausesThatDouble) {
  on_weights([](int n, const ServedRequest&, ServedReply& reply) {
    constexpr std::array kStatuses{500, 502, 503, 429};
    if (n < 4) reply = {kStatuses.at(static_cast<std::size_t>(n)), {}, "busy"};
  });
  expect_whole();
  ASSERT_THAT(warnings_, SizeIs(4));
  EXPECT_THAT(warnings_[0], HasSubstr("model.safetensors: the server answers 500; trying again in 0.001 s"));
  EXPECT_THAT(warnings_[1], HasSubstr("0.002 s"));
  EXPECT_THAT(warnings_[2], HasSubstr("0.004 s"));
  EXPECT_THAT(warnings_[3], HasSubstr("0.004 s"));  // the longest pause of this test
}

TEST_F(HubFaults, EveryKindOfRequestIsTriedAgainAndGivenUpIntheEnd) {
  for (const char* kind : {"/revision/main", "/config.json", "/storage/"}) {
    int failures = 0, allowed = 3;
    server_.interfere([&](const ServedRequest& request, ServedReply& reply) {
      if (request.path.find(kind) == std::string::npos || failures >= allowed) return;
      ++failures;
      if (failures % 2 == 0) reply = {504};
      if (failures % 2 == 1) reply.no_head = true;
    });
    EXPECT_EQ(refusal(), "") << kind;
    fs::remove_all(access_.cache);
    failures = 0;
    allowed = 1000;
    EXPECT_THAT(refusal(), HasSubstr("5 times in a row")) << kind;
    EXPECT_LE(failures, 10) << kind;  // libcurl itself asks again where a kept connection turns out dead
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, RetryAfterIsHonouredWithinReason) {
  server_.interfere([n = 0](const ServedRequest& request, ServedReply& reply) mutable {
    if (request.path.ends_with("/revision/main") && n++ == 0) reply = {429, {{"Retry-After", "1"}}};
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(), "");
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  server_.interfere([](const ServedRequest&, ServedReply& reply) { reply = {503, {{"Retry-After", "86400"}}}; });
  EXPECT_THAT(refusal(), HasSubstr("asks to come back in 86400 s"));
}

TEST_F(HubFaults, ASilentConnectionIsGivenUpAndTheTransferGoesOn) {
  access_.patience.silence = std::chrono::milliseconds(200);
  on_weights([&](int n, const ServedRequest&, ServedReply& reply) {
    if (n < 2) reply.silent_after = random_() % reply.body.size();
  });
  expect_whole();
  EXPECT_THAT(warnings_, AllOf(SizeIs(2), Contains(HasSubstr("no byte for 0.2 s"))));
}

/// What a watcher throws where a person presses Ctrl-C.
struct Pressed {};

TEST_F(HubFaults, AnInterruptedDownloadLeavesAPartThatTheNextOneGoesOnFrom) {
  for (int round = 0; round < 20; ++round) {
    const std::uint64_t moment = random_offset();
    watcher_.progress = [&](const std::string& file, std::uint64_t done, std::uint64_t) {
      if (file == "model.safetensors" && done > moment) throw Pressed();
    };
    EXPECT_THROW(download(), Pressed);
    const std::size_t there = fs::file_size(part());
    EXPECT_GT(there + 10'000, moment);
    EXPECT_EQ(read_bytes(part()), weights_.bytes.substr(0, there));
    EXPECT_FALSE(fs::exists(repository() / "refs" / "main"));
    watcher_.progress = {};
    server_.forget_requests();
    expect_whole();
    if (there < weights_.bytes.size()) {
      ASSERT_THAT(storage_requests(), SizeIs(1));
      EXPECT_EQ(storage_requests()[0].header("range"), there == 0 ? "" : "bytes=" + std::to_string(there) + "-");
    }
    fs::remove_all(access_.cache);
  }
}

TEST_F(HubFaults, AnInterruptIsNoticedWhileWaiting) {
  const auto interrupted_within = [&](std::chrono::milliseconds limit) {
    const auto start = std::chrono::steady_clock::now();
    watcher_.progress = [&](const std::string&, std::uint64_t, std::uint64_t) {
      if (std::chrono::steady_clock::now() - start > std::chrono::milliseconds(50)) throw Pressed();
    };
    EXPECT_THROW(download(), Pressed);
    EXPECT_LT(std::chrono::steady_clock::now() - start, limit);
  };
  access_.patience.first_pause = access_.patience.longest_pause = std::chrono::seconds(30);
  server_.interfere([](const ServedRequest&, ServedReply& reply) { reply = {503}; });
  interrupted_within(std::chrono::seconds(2));  // in a pause
  on_weights([](int, const ServedRequest&, ServedReply& reply) { reply.silent_after = 10; });
  interrupted_within(std::chrono::seconds(3));  // in a silence
}

TEST_F(HubFaults, ALockThatAnotherProgramHoldsIsWaitedFor) {
  const fs::path lock = access_.cache / ".locks" / "models--org--model" / (etag_of(weights_) + ".lock");
  write_bytes(lock, "");
  FileDescriptor holder(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(holder.get(), LOCK_EX), 0);
  std::atomic<bool> released = false;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    released = true;
    holder.close();
  });
  watcher_.progress = [&](const std::string& file, std::uint64_t, std::uint64_t) {
    EXPECT_TRUE(file != "model.safetensors" || released || storage_requests().empty());
  };
  expect_whole();
  EXPECT_TRUE(released);
  EXPECT_THAT(warnings_, Contains(HasSubstr("another process is downloading it")));
  other.join();
}

TEST_F(HubFaults, SeveralAtOnceFetchEveryFileOnce) {
  for (int round = 0; round < 5; ++round) {
    server_.forget_requests();
    server_.interfere([&](const ServedRequest& request, ServedReply& reply) {
      if (request.is_of_storage()) reply.pace = std::chrono::milliseconds(random_() % 3);
    });
    std::vector<std::thread> runs;
    std::atomic<int> done = 0;
    for (int run = 0; run < 4; ++run) {
      runs.emplace_back([&] {
        static_cast<void>(download_model(access_, *parse_hub_id("org/model")));
        ++done;
      });
    }
    for (std::thread& run : runs) run.join();
    EXPECT_EQ(done, 4);
    EXPECT_EQ(storage_requests().size(), 1U);
    EXPECT_EQ(read_bytes(repository() / "snapshots" / testing::kHubCommit / "model.safetensors"), weights_.bytes);
    fs::remove_all(access_.cache);
  }
}

// Everything at once: any reply may be spoilt, in any way, at any byte.

/// Spoils a share of the replies.
class Mischief {
 public:
  explicit Mischief(std::uint64_t seed) : random_(seed) {}

  void operator()(const ServedRequest& request, ServedReply& reply) {
    if (random_() % 3 != 0) return;
    const std::size_t at = reply.body.empty() ? 0 : random_() % reply.body.size();
    switch (random_() % 8) {
      case 0:
        reply.cut_after = at;
        return;
      case 1:
        if (!reply.body.empty()) reply.body[at] ^= static_cast<char>(1 + random_() % 255);
        return;
      case 2:
        reply = {static_cast<int>(500 + random_() % 5), {}, "busy"};
        return;
      case 3:
        reply.no_head = true;
        return;
      case 4:  // no ranges
        reply.headers.erase("Content-Range");
        if (reply.status == 206) reply.status = 200;
        return;
      case 5:
        reply.body += "surplus";
        return;
      case 6:
        reply.body.resize(at);  // a whole reply of a shorter file
        return;
      default:
        if (!request.header("range").empty()) reply = {416, {{"Content-Range", "bytes */1"}}};
    }
  }

 private:
  std::mt19937_64 random_;
};

TEST_F(HubFaults, WhateverHappensWhatHasANameIsWhatItsNameSays) {
  int gave_up = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    ServedRepository model = seed % 2 == 0 ? small_model(20'000 + seed) : testing::sharded_model();
    server_.add_model("org/model", model);
    server_.interfere(Mischief(seed));
    for (int runs = 0; runs < 3; ++runs) gave_up += refusal().empty() ? 0 : 1;
    std::map<std::string, std::string> known;
    for (const auto& [name, file] : model.files) known[etag_of(file)] = file.bytes;
    for (const std::string& name : files_below(repository() / "blobs")) {
      if (name.ends_with(".incomplete")) continue;
      EXPECT_EQ(read_bytes(repository() / "blobs" / name), known[name]) << seed;
    }
    server_.interfere({});
    EXPECT_EQ(refusal(), "") << "seed " << seed;
    for (const std::string& name : files_below(repository() / "snapshots" / testing::kHubCommit)) {
      EXPECT_EQ(read_bytes(repository() / "snapshots" / testing::kHubCommit / name), model.files.at(name).bytes)
          << seed;
    }
    fs::remove_all(access_.cache);
  }
  EXPECT_GT(gave_up, 20);  // the mischief is worth its name
}

}  // namespace
}  // namespace stac::io
