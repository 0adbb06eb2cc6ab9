// Scripted conversations with questions whose right answers are known by keywords; format: configs/dialogues/README.md.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stac/text/chat_template.hpp"

namespace stac::eval {

/// Every group must have one keyword that stands in the answer.
using KeywordGroups = std::vector<std::vector<std::string>>;

struct Dialogue {
  std::vector<text::Message> messages;             ///< assistant messages are reference answers
  std::map<std::size_t, KeywordGroups> questions;  ///< by the index of the user message that asks
};

/// @param most  dialogues read from the start of the file; none: all
/// @throws stac::Error naming file and line: not JSON, a field missing or of the wrong type, a question that is no user
///         turn; an empty file
[[nodiscard]] std::vector<Dialogue> load_dialogues(const std::filesystem::path& file,
                                                   std::optional<std::int64_t> most = std::nullopt);

/// Whether every group has a keyword that stands in the answer as whole words, the case of ASCII letters and the shape
/// of apostrophes aside.
[[nodiscard]] bool answer_has_keywords(const std::string& answer, const KeywordGroups& keywords);

}  // namespace stac::eval
