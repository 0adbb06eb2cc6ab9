// Goldens of the text room, and folders with tokenizer files.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/test_paths.hpp"

namespace stac::text::testing {

using Json = nlohmann::json;
using Ids = std::vector<std::int64_t>;

inline Json read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return Json::parse(stream);
}

inline Json goldens(const std::string& name) {
  return read_json(stac::testing::test_data("text/" + name + "_goldens.json"));
}

inline void write_file(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string repeated(const std::string& unit, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += unit;
  return text;
}

}  // namespace stac::text::testing
