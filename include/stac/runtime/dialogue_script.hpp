// User turns written down beforehand; every answer to them is generated.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stac::runtime {

/// What the user of one conversation says.
struct DialogueScript {
  std::optional<std::string> system;
  std::vector<std::string> user_turns;  ///< at least one

  friend bool operator==(const DialogueScript&, const DialogueScript&) = default;
};

/// Dialogues of a JSONL file, one a line (configs/dialogues/README.md): of "messages" the system message and the user
/// turns, or "turns", the user turns alone. Reference answers and every other field are left to those who judge.
/// @throws stac::Error naming file and line: not readable, not JSON, neither list, a role that is unknown, no user turn
[[nodiscard]] std::vector<DialogueScript> read_dialogues(const std::filesystem::path& file);

/// A script of either form: `.jsonl` as above; anything else is one dialogue of plain text, a user turn a line, blank
/// lines left out.
/// @throws stac::Error  as above; a text without a turn
[[nodiscard]] std::vector<DialogueScript> read_script(const std::filesystem::path& file);

/// The first `count` user turns of `dialogues`, in order; the last dialogue kept may be cut short.
/// @throws stac::Error  there are fewer
[[nodiscard]] std::vector<DialogueScript> first_turns(std::vector<DialogueScript> dialogues, std::int64_t count);

}  // namespace stac::runtime
