// A conversation as a file that it can go on from, to the bit.
//
// Keys and values are not in it: they are a function of the text, and any split of a text into forwards gives the same
// ones (docs/theory.md, "Exact sums"), so the first turn after loading reads the text once. The text's ids are in it,
// so that another tokenizer or chat template is noticed.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stac/runtime/context_overflow.hpp"
#include "stac/runtime/sampling.hpp"

namespace stac::runtime {

inline constexpr std::int64_t kSessionVersion = 3;

/// What a chat may be told about its conversations and answers.
struct ChatSettings {
  std::optional<std::string> system = {};
  SamplingOptions sampling = {};
  std::int64_t max_new_tokens = 256;
  std::optional<std::int64_t> max_context = {};  ///< not given: all of the model's positions
  OverflowPolicy overflow = OverflowPolicy::turns;
  std::vector<std::string> stop_texts = {};
};

/// Which model a conversation was had with. The fingerprint decides; the others say to people what differs.
struct SessionModel {
  std::string name;
  std::string fingerprint;  ///< of whatever decides what the model says
  std::string storage;      ///< of membranes, keys and values; empty in a file of version 2, which does not say
};

struct SavedSession {
  SessionModel model;
  std::string mode;  ///< which network of the model answered: "snn", "ann", "source"
  ChatSettings settings;
  KnownText known;
  std::vector<std::int64_t> ids;  ///< of the known text
  bool approximate = false;   ///< the cache held what a shift left there: it is not in the file, and the text is read
  std::uint64_t rerolls = 0;  ///< answers to the last message that were taken back for another one
};

/// Replaces the file in one step.
/// @throws stac::Error  a message that is not UTF-8; see io::write_file_atomically
void save_session(const std::filesystem::path& file, const SavedSession& session);

/// @throws stac::Error naming file and field: missing, not JSON, no session, of another version, a field that is
/// missing,
///         unknown, of the wrong type or out of range, messages that are no conversation
[[nodiscard]] SavedSession load_session(const std::filesystem::path& file);

/// @throws stac::Error  the session is another model's, or the same one's in other storage, which is named
void require_same_model(const SavedSession& session, const SessionModel& model, const std::filesystem::path& file);

}  // namespace stac::runtime
