// The cache beside Python's huggingface_hub, each reading what the other downloaded.
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "io/hub_world.hpp"
#include "stac/io/hub_cache.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::ServedRepository;
using testing::kHubCommit;
using testing::read_bytes;

class HubWithPython : public testing::HubWorld {
 protected:
  void SetUp() override {
    if (python("import huggingface_hub") != 0) GTEST_SKIP() << "python3 has no huggingface_hub";
  }

  /// Runs a script with the test's cache and hub in its environment. @return its exit status
  int python(const std::string& script, bool offline = true) {
    const fs::path file = temporary_.path() / "script.py";
    std::ofstream(file) << script << "\n";
    const std::string command =
        "HF_HUB_DISABLE_TELEMETRY=1 HF_HUB_DISABLE_UPDATE_CHECK=1 HF_HUB_DISABLE_XET=1 HF_TOKEN= HF_HUB_OFFLINE=" +
        std::string(offline ? "1" : "0") + " HF_HUB_CACHE='" + access_.cache.string() + "' HF_HOME='" +
        (temporary_.path() / "home").string() + "' HF_ENDPOINT='" + access_.endpoint + "' timeout 60 python3 '" +
        file.string() + "' > '" + (temporary_.path() / "out").string() + "' 2>&1";
    const int raw = std::system(command.c_str());
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  }
  [[nodiscard]] std::string said() const { return read_bytes(temporary_.path() / "out"); }
};

TEST_F(HubWithPython, WhatWeDownloadPythonOpensOffline) {
  server_.add_model("org/model", testing::sharded_model());
  const fs::path snapshot = download();
  server_.forget_requests();
  EXPECT_EQ(python("from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download\n"
                   "folder = snapshot_download('org/model')\n"
                   "assert folder == '" +
                   snapshot.string() +
                   "', folder\n"
                   "shard = hf_hub_download('org/model', 'parts/model-00002-of-00002.safetensors', revision='main')\n"
                   "assert len(open(shard, 'rb').read()) == 50000\n"
                   "cache = scan_cache_dir()\n"
                   "assert not cache.warnings, cache.warnings\n"
                   "(repo,) = cache.repos\n"
                   "(revision,) = repo.revisions\n"
                   "assert repo.repo_id == 'org/model' and repo.nb_files == 7, repo\n"
                   "assert revision.commit_hash == '" +
                   std::string(kHubCommit) + "' and revision.refs == {'main'}, revision\n"),
            0)
      << said();
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST_F(HubWithPython, WhatPythonDownloadsWeFind) {
  const ServedRepository model = testing::small_model();
  server_.add_model("org/model", model);
  EXPECT_EQ(python("from huggingface_hub import hf_hub_download\n"
                   "for name in ('config.json', 'tokenizer.json', 'model.safetensors'):\n"
                   "    hf_hub_download('org/model', name)\n",
                   false),
            0)
      << said();
  const auto snapshot = find_in_hub_cache(access_.cache, *parse_hub_id("org/model"));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(read_bytes(*snapshot / "model.safetensors"), model.files.at("model.safetensors").bytes);
  server_.forget_requests();
  EXPECT_EQ(download(), *snapshot);  // completes it without fetching the weights again
  EXPECT_EQ(storage_requests().size(), 0U);
}

TEST_F(HubWithPython, PythonsLockKeepsUsOut) {
  const ServedRepository model = testing::small_model();
  server_.add_model("org/model", model);
  const fs::path lock =
      access_.cache / ".locks/models--org--model" / (etag_of(model.files.at("model.safetensors")) + ".lock");
  const fs::path held = temporary_.path() / "held";
  fs::create_directories(lock.parent_path());
  std::thread other([&] {
    EXPECT_EQ(python("import pathlib, time\n"
                     "from huggingface_hub.utils import WeakFileLock\n"
                     "with WeakFileLock('" +
                     lock.string() +
                     "'):\n"
                     "    pathlib.Path('" +
                     held.string() +
                     "').touch()\n"
                     "    time.sleep(0.5)\n"
                     "    pathlib.Path('" +
                     held.string() + "').unlink()\n"),
              0)
        << said();
  });
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!fs::exists(held) && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  download();
  EXPECT_FALSE(fs::exists(held));  // the weights came when the lock was free
  EXPECT_THAT(warnings_, ::testing::Contains(::testing::HasSubstr("another process is downloading it")));
  other.join();
}

}  // namespace
}  // namespace stac::io
