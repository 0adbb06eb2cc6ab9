// A file of configs/energy as it stands there: figures that are made of others not worked out yet.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stac/energy/energy_model.hpp"

namespace stac::energy {

struct FileOperation {
  double energy = 0.0;               ///< picojoules; 0 where it is made of others, or included in one
  std::map<std::string, double> of;  ///< what it is made of, and how often
  std::string source;
};

struct ModelFile {
  std::string file, name, title;
  std::string base;  ///< the model from which figures come that this one lacks; empty: none
  std::map<std::string, FileOperation> operations;
  std::vector<MemoryLevel> memory;
};

/// @throws stac::Error  see load_energy_model
[[nodiscard]] ModelFile read_model_file(const std::filesystem::path& file);

/// Every operation's picojoules. @throws stac::Error  one that is made of itself, or of an unknown one
[[nodiscard]] EnergyModel::Operations resolved(const ModelFile& file);

/// Where a model of this name lies; a path is itself. @throws stac::Error  no such model
[[nodiscard]] std::filesystem::path model_path(const std::string& name);

}  // namespace stac::energy
