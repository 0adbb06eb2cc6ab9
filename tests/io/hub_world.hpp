// A test's own hub, and a cache that starts empty.
#pragma once
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "io/io_test_support.hpp"
#include "stac/io/hub_download.hpp"
#include "support/hub_server.hpp"
#include "support/test_paths.hpp"

namespace stac::io::testing {

inline constexpr const char* kHubCommit = "0123456789abcdef0123456789abcdef01234567";

inline std::string random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// A repository as they are on the hub: what STAC reads, and what it must leave there.
inline stac::testing::ServedRepository small_model(std::size_t weight_bytes = 300'000) {
  stac::testing::ServedRepository model{kHubCommit};
  model.files = {{".gitattributes", {"*.bin filter=lfs\n"}},
                 {"README.md", {"a card\n"}},
                 {"config.json", {"{\"model_type\": \"gpt2\"}\n"}},
                 {"generation_config.json", {"{}\n"}},
                 {"tokenizer.json", {random_bytes(5'000, 1)}},
                 {"tokenizer_config.json", {""}},
                 {"onnx/model.onnx", {"onnx", true}},
                 {"pytorch_model.bin", {"pickle", true}},
                 {"model.safetensors", {random_bytes(weight_bytes, 2), true}}};
  return model;
}

inline stac::testing::ServedRepository sharded_model() {
  stac::testing::ServedRepository model = small_model();
  model.files.erase("model.safetensors");
  model.files["model.safetensors.index.json"] = {
      R"({"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "parts/model-00002-of-00002.safetensors"}})"};
  model.files["model-00001-of-00002.safetensors"] = {random_bytes(40'000, 3), true};
  model.files["parts/model-00002-of-00002.safetensors"] = {random_bytes(50'000, 4), true};
  model.files["model-00003-of-00002.safetensors"] = {"named by no index", true};
  return model;
}

class HubWorld : public ::testing::Test {
 protected:
  HubWorld() {
    access_.endpoint = server_.endpoint();
    access_.cache = temporary_.path() / "hub";
    access_.patience = {
        std::chrono::milliseconds(2'000), std::chrono::milliseconds(5'000), 5,
        std::chrono::milliseconds(1),     std::chrono::milliseconds(4),     std::chrono::milliseconds(1'500)};
    watcher_.warn = [this](const std::string& text) { warnings_.push_back(text); };
  }

  std::filesystem::path download(const std::string& id = "org/model") {
    return download_model(access_, *parse_hub_id(id), watcher_);
  }
  std::string refusal(const std::string& id = "org/model") {
    return error_of([&] { static_cast<void>(download(id)); });
  }
  [[nodiscard]] std::filesystem::path repository() const { return access_.cache / "models--org--model"; }
  [[nodiscard]] std::filesystem::path blob(const stac::testing::ServedFile& file) const {
    return repository() / "blobs" / etag_of(file);
  }

  /// Every file of a folder, without the folder's own name.
  static std::vector<std::string> files_below(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(folder).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  /// Requests for the bytes of large files.
  [[nodiscard]] std::vector<stac::testing::ServedRequest> storage_requests() const {
    std::vector<stac::testing::ServedRequest> found;
    for (const auto& request : server_.requests()) {
      if (request.is_of_storage()) found.push_back(request);
    }
    return found;
  }

  stac::testing::TemporaryFolder temporary_{stac::testing::memory_folder()};  // every file is synced
  ScopedVariable stac_data_{"STAC_DATA", stac::testing::source_root().string()};
  stac::testing::HubServer server_;
  HubAccess access_;
  DownloadWatcher watcher_;
  std::vector<std::string> warnings_;
};

}  // namespace stac::io::testing
