// What the tests of this room share.
#pragma once
#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "stac/convert/artifact.hpp"
#include "stac/convert/converter.hpp"
#include "stac/error.hpp"
#include "stac/io/checkpoint.hpp"
#include "stac/model/language_model.hpp"
#include "support/test_paths.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::convert {

inline Conversion convert_folder(const std::filesystem::path& folder, const ConversionOptions& options = {}) {
  return convert(io::open_checkpoint(folder), options);
}

/// Its network in memory, on the fused engine.
inline std::shared_ptr<const snn::SpikingModel> network_of(const Conversion& conversion) {
  return spiking_model(parts_of(conversion), snn::EngineKind::fused);
}

/// Logits of a fixed run of ids.
inline at::Tensor logits_of(const model::LanguageModel& model) {
  std::vector<std::int64_t> ids(12);
  std::iota(ids.begin(), ids.end(), 3);
  return model.start()->append(ids, model::LogitRows::all);
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// What the function throws as a stac::Error; empty if it throws nothing.
template <typename Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace stac::convert
