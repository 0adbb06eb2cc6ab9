#include "stac/io/hub_id.hpp"

#include <algorithm>

#include "io/relative_path.hpp"

namespace stac::io {
namespace {

constexpr std::size_t kLongestPart = 96;  // as huggingface_hub has it
constexpr std::size_t kCommitDigits = 40;
constexpr std::string_view kDatasets = "hf://datasets/";

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_id_part(std::string_view part) {
  if (part.empty() || part.size() > kLongestPart || !is_word(part.front()) || !is_word(part.back())) return false;
  if (has(part, "--") || has(part, "..")) return false;
  return std::all_of(part.begin(), part.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

bool is_repository(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_id_part(text);
  return is_id_part(text.substr(0, slash)) && is_id_part(text.substr(slash + 1));
}

/// A git reference or commit: like an id, with any number of slashes.
bool is_revision(std::string_view text) {
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (part.empty() || !is_word(part.front()) || has(part, "..")) return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; })) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

std::optional<HubId> parse_hub_id(const std::string& text) {
  HubId id{text, "main", false};
  if (const std::size_t at = text.find('@'); at != std::string::npos) {
    id = {text.substr(0, at), text.substr(at + 1), true};
  }
  if (!is_repository(id.repository) || !is_revision(id.revision)) return std::nullopt;
  return id;
}

std::optional<HubFile> parse_hub_file(const std::string& text) {
  if (!text.starts_with(kDatasets)) return std::nullopt;
  const std::string rest = text.substr(kDatasets.size());
  const std::size_t slash = rest.find('/', rest.find('/') + 1);
  if (rest.find('/') == std::string::npos || slash == std::string::npos) return std::nullopt;
  const std::optional<HubId> dataset = parse_hub_id(rest.substr(0, slash));
  const std::string path = rest.substr(slash + 1);
  if (!dataset || has(dataset->revision, "/") || !stays_inside(path)) return std::nullopt;
  return HubFile{*dataset, path};
}

bool is_commit(std::string_view text) {
  return text.size() == kCommitDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace stac::io
