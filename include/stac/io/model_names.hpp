// Short names of models on the hub, from configs/models.json.
#pragma once
#include <string>
#include <vector>

namespace stac::io {

struct ModelName {
  std::string name;        ///< "smollm2-1.7b"
  std::string repository;  ///< "HuggingFaceTB/SmolLM2-1.7B"
  std::string about;       ///< for people
};

/// In the file's order. @throws stac::Error  the file is missing or broken
[[nodiscard]] std::vector<ModelName> model_names();

/// The repository that a short name stands for; any other name is itself. @throws stac::Error as model_names
[[nodiscard]] std::string current_repository(const std::string& name);

/// A repository's name as given, then its others: gpt2 and openai-community/gpt2 are one, and a cache may know it under
/// either. @throws stac::Error as model_names
[[nodiscard]] std::vector<std::string> spellings(const std::string& repository);

}  // namespace stac::io
