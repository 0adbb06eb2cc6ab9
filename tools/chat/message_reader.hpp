// What the user types, or what comes through a pipe, message by message.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace stac::chat {

/// Where lines come from.
class LineSource {
 public:
  /// Ctrl-C at a terminal: the line in the making is none.
  struct Abandoned {};

  virtual ~LineSource() = default;
  /// The next line without its end; nothing at the end of the input.
  /// @param prompt  shown at a terminal
  virtual std::optional<std::string> next(const std::string& prompt) = 0;
};

/// Of a pipe or a file. Ctrl-C while waiting throws cli::Interrupted, what cannot be read stac::Error.
[[nodiscard]] std::unique_ptr<LineSource> piped_lines();

/// Of a terminal: editing, and a history that outlives the program.
/// @param history  its file, made with its folder where it is not there; none: the history lasts as long as the program
[[nodiscard]] std::unique_ptr<LineSource> edited_lines(std::optional<std::filesystem::path> history);

/// What was typed.
struct UserInput {
  std::string text;
  bool quoted = false;  ///< between two """: said as it is, also where it looks like a command
};

/// One message: a line; lines that end with a backslash and the one behind them; or what stands between two """, where
/// the line ends may be. The backslashes and quotes are no part of it.
/// @return nothing at the end of the input
/// @throws stac::Error  the input ends within a message
/// @throws  what `lines` throws
[[nodiscard]] std::optional<UserInput> read_message(LineSource& lines);

}  // namespace stac::chat
