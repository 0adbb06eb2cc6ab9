#include "chat/message_reader.hpp"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <system_error>
#include <utility>

#include "stac/cli/interruption.hpp"
#include "stac/error.hpp"

namespace stac::chat {
namespace {

constexpr const char* kPrompt = "> ";
constexpr const char* kMore = ". ";
constexpr const char* kQuotes = "\"\"\"";
constexpr int kHistoryLines = 1000;

std::string without_line_end(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

/// @throws LineSource::Abandoned  Ctrl-C
void notice_interrupt() {
  if (!cli::interrupt_requested()) return;
  cli::clear_interrupt();
  throw LineSource::Abandoned();
}

/// Waits until stdin can be read. @return  false: Ctrl-C was pressed, before or meanwhile, whichever thread its signal
/// reached
bool wait_for_input() {
  std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {cli::interrupt_descriptor(), POLLIN, 0}}};
  while (!cli::interrupt_requested()) {
    const int count = ::poll(ready.data(), ready.size(), -1);
    if (count > 0 && ready[0].revents != 0) return true;
    if (count < 0 && errno != EINTR) return true;  // read() says what is wrong
  }
  return false;
}

class PipedLines final : public LineSource {
 public:
  std::optional<std::string> next(const std::string& /*prompt*/) override {
    std::size_t searched = 0;
    while (true) {
      const std::size_t end = read_.find('\n', searched);
      if (end != std::string::npos) return take(end + 1);
      searched = read_.size();
      if (!read_more()) break;
    }
    if (read_.empty()) return std::nullopt;
    return take(read_.size());
  }

 private:
  std::string take(std::size_t length) {
    std::string line = read_.substr(0, length);
    read_.erase(0, length);
    return without_line_end(std::move(line));
  }

  /// @return whether there was more
  /// @throws cli::Interrupted  Ctrl-C: who waits for a pipe can be ended by nothing else
  bool read_more() {
    std::array<char, 4096> block{};
    while (true) {
      if (!wait_for_input()) throw cli::Interrupted();
      const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw Error("stdin cannot be read: " + std::generic_category().message(errno));
      read_.append(block.data(), static_cast<std::size_t>(count));
      return count > 0;
    }
  }

  std::string read_;  // and not taken yet
};

/// libedit's reader of characters. @return  1; 0 at the end of the input, -1 for Ctrl-C or an error
int read_character(EditLine* /*editor*/, wchar_t* character) {
  std::mbstate_t state{};
  while (true) {
    if (!wait_for_input()) return -1;
    char byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return static_cast<int>(count);
    const std::size_t length = std::mbrtowc(character, &byte, 1, &state);
    if (length == static_cast<std::size_t>(-2)) continue;  // more bytes belong to it
    if (length != static_cast<std::size_t>(-1)) return 1;
    state = {};  // a byte that is no character is passed over
  }
}

/// libedit, which calls back for the prompt.
class EditedLines final : public LineSource {
 public:
  explicit EditedLines(std::optional<std::filesystem::path> file)
      : editor_(::el_init("stac-chat", stdin, stdout, stderr)), history_(::history_init()), file_(std::move(file)) {
    if (editor_ == nullptr || history_ == nullptr) throw Error("the line editor cannot be started");
    ::el_set(editor_, EL_CLIENTDATA, this);
    ::el_set(editor_, EL_PROMPT, &EditedLines::prompt_of);
    ::el_set(editor_, EL_EDITOR, "emacs");
    ::el_set(editor_, EL_SIGNAL, 0);  // Ctrl-C is ours
    ::el_set(editor_, EL_GETCFN, &read_character);
    ::el_set(editor_, EL_HIST, ::history, history_);
    ::el_source(editor_, nullptr);  // the user's ~/.editrc
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, kHistoryLines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (file_) ::history(history_, &event, H_LOAD, file_->c_str());
  }
  ~EditedLines() override {
    ::el_end(editor_);
    ::history_end(history_);
  }
  EditedLines(const EditedLines&) = delete;
  EditedLines& operator=(const EditedLines&) = delete;

  std::optional<std::string> next(const std::string& prompt) override {
    prompt_ = prompt;
    // The editor takes over the terminal only after it has shown its prompt; a Ctrl-D in between would be lost.
    ::el_set(editor_, EL_PREP_TERM, 1);
    int length = 0;
    const char* const text = ::el_gets(editor_, &length);
    if (text == nullptr || length <= 0) {
      notice_interrupt();
      return std::nullopt;
    }
    std::string line = without_line_end({text, static_cast<std::size_t>(length)});
    if (!line.empty()) remember(line);
    return line;
  }

 private:
  static char* prompt_of(EditLine* editor) {
    EditedLines* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    return self->prompt_.data();
  }

  // Saved at once: a chat may be killed. A history that cannot be written is no reason to stop talking.
  void remember(const std::string& line) {
    HistEvent event;
    ::history(history_, &event, H_ENTER, line.c_str());
    if (!file_) return;
    std::error_code ignored;
    std::filesystem::create_directories(file_->parent_path(), ignored);
    ::history(history_, &event, H_SAVE, file_->c_str());
  }

  EditLine* editor_;
  History* history_;
  std::optional<std::filesystem::path> file_;
  std::string prompt_;
};

std::string next_or_refuse(LineSource& lines, const std::string& unfinished) {
  if (auto line = lines.next(kMore)) return *line;
  throw Error("the input ends within a message: " + unfinished, "close it, or leave it out");
}

/// @param line  begins with """
std::string quoted_message(LineSource& lines, const std::string& line) {
  std::string text = line.substr(3);
  std::size_t end = text.find(kQuotes);
  while (end == std::string::npos) {
    text += "\n" + next_or_refuse(lines, "a \"\"\" has no second one");
    end = text.find(kQuotes);
  }
  if (text.find_first_not_of(" \t\n", end + 3) != std::string::npos) {
    throw Error("text follows the \"\"\" that ends a message: '" + text.substr(end + 3) + "'",
                "put it in front of the quotes, or on a line of its own");
  }
  text.resize(end);
  if (text.starts_with('\n')) text.erase(0, 1);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::unique_ptr<LineSource> piped_lines() { return std::make_unique<PipedLines>(); }

std::unique_ptr<LineSource> edited_lines(std::optional<std::filesystem::path> history) {
  return std::make_unique<EditedLines>(std::move(history));
}

std::optional<UserInput> read_message(LineSource& lines) {
  std::optional<std::string> line = lines.next(kPrompt);
  if (!line) return std::nullopt;
  if (line->starts_with(kQuotes)) return UserInput{quoted_message(lines, *line), true};
  std::string text = *line;
  while (text.ends_with('\\')) {
    text.back() = '\n';
    text += next_or_refuse(lines, "its last line ends with a backslash");
  }
  return UserInput{std::move(text)};
}

}  // namespace stac::chat
