#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "stac/convert/artifact.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

/// An artifact of one large file (its hash is remembered) and several small ones.
class ArtifactDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path source =
        write_tiny_checkpoint(temporary_.path() / "m", {.layers = 1, .hidden = 64, .heads = 4, .vocab = 5000});
    write_bytes(source / "tokenizer_config.json", "{\"add_bos_token\": false}\n");
    write_bytes(source / "merges.txt", "#version: 0.2\n");
    folder_ = save_artifact(convert_folder(source), temporary_.path() / "a", Overwrite::refuse);
    ASSERT_GT(fs::file_size(folder_ / "model.safetensors"), 1U << 20U);
    ASSERT_NO_THROW((void)load_artifact(folder_));
  }

  /// What loading says of a copy of the artifact with one file treated.
  template <typename Treatment>
  std::string after(const std::string& file, Treatment treatment) {
    const fs::path copy = temporary_.path() / "copy";
    fs::remove_all(copy);
    fs::copy(folder_, copy);
    EXPECT_EQ(error_of([&] { (void)load_artifact(copy); }), "");
    treatment(copy / file);
    return error_of([&] { (void)load_artifact(copy); });
  }

  [[nodiscard]] std::vector<std::string> guarded_files() const {
    std::vector<std::string> names = names_in(folder_);
    std::erase(names, "README.md");
    return names;
  }

  TemporaryFolder temporary_;
  fs::path folder_;
};

TEST_F(ArtifactDamage, IsFoundAndNamedInEveryFile) {
  for (const std::string& file : guarded_files()) {
    const auto flip = [](std::size_t at_from_end) {
      return [=](const fs::path& path) {
        std::string bytes = read_bytes(path);
        bytes[bytes.size() - at_from_end] = static_cast<char>(bytes[bytes.size() - at_from_end] ^ 1);
        write_bytes(path, bytes);
      };
    };
    EXPECT_THAT(after(file, [](const fs::path& path) { fs::remove(path); }), HasSubstr(file));
    EXPECT_THAT(after(file, [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 1); }),
                HasSubstr(file));
    EXPECT_THAT(after(file, [](const fs::path& path) { fs::resize_file(path, 0); }), HasSubstr(file));
    EXPECT_THAT(after(file, [](const fs::path& path) { write_bytes(path, read_bytes(path) + "\n"); }), HasSubstr(file));
    EXPECT_THAT(after(file, flip(1)), HasSubstr(file));
    EXPECT_THAT(after(file, flip(8)), HasSubstr(file));
    EXPECT_THAT(after(file,
                      [](const fs::path& path) {
                        fs::remove(path);
                        fs::create_directory(path);
                      }),
                HasSubstr(file));
  }
}

TEST_F(ArtifactDamage, OfTheWeightsHeaderIsFound) {
  EXPECT_THAT(after("model.safetensors",
                    [](const fs::path& path) {
                      std::string bytes = read_bytes(path);
                      bytes[0] = static_cast<char>(bytes[0] + 8);
                      write_bytes(path, bytes);
                    }),
              HasSubstr("model.safetensors"));
}

TEST_F(ArtifactDamage, IsNotWhatHappensToTheModelCardOrToNotesBeside) {
  EXPECT_EQ(after("README.md", [](const fs::path& path) { write_bytes(path, "mine now\n"); }), "");
  EXPECT_EQ(after("README.md", [](const fs::path& path) { fs::remove(path); }), "");
  EXPECT_EQ(after("notes.txt", [](const fs::path& path) { write_bytes(path, "see you\n"); }), "");
}

TEST_F(ArtifactDamage, IsAFileThatReadersWouldPreferToTheListedOnes) {
  for (const std::string file : {"tokenizer.json", "tokenizer.model", "chat_template.jinja", "more.safetensors",
                                 "model.safetensors.index.json"}) {
    EXPECT_THAT(after(file, [](const fs::path& path) { write_bytes(path, "{}"); }), HasSubstr(file));
  }
}

TEST_F(ArtifactDamage, ThatTheTimesHideIsFoundByVerifying) {
  const fs::path weights = folder_ / "model.safetensors";
  const auto time = fs::last_write_time(weights);
  std::string bytes = read_bytes(weights);
  bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);
  write_bytes(weights, bytes);
  fs::last_write_time(weights, time);
  EXPECT_THAT(error_of([&] { (void)load_artifact(folder_, io::HashPolicy::recomputed); }),
              HasSubstr("model.safetensors"));
}

}  // namespace
}  // namespace stac::convert
