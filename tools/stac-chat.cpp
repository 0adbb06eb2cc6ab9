// stac-chat: talk with a spiking model, at the prompt, through a pipe, or with turns written beforehand.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chat/chat_options.hpp"
#include "chat/chat_session.hpp"
#include "stac/cli/console.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/cli/tool.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/runtime/dialogue_script.hpp"

namespace {

using namespace stac;
using chat::ChatOptions;
using chat::ChatSession;
using chat::TurnReport;

constexpr const char* kCommands =
    "/reset  forget the conversation\n"
    "/stats  what was said and measured so far\n"
    "/help   this list\n"
    "/quit   end (as Ctrl-D does); Ctrl-C stops an answer\n";

enum class NextStep { go_on, quit };

std::vector<runtime::DialogueScript> bundled_dialogues() {
  auto dialogues = runtime::read_dialogues(io::find_data("configs/dialogues/demo.jsonl"));
  auto more = runtime::read_dialogues(io::find_data("configs/dialogues/hand_written.jsonl"));
  dialogues.insert(dialogues.end(), more.begin(), more.end());
  return dialogues;
}

// What the user says, if it is written down.
std::vector<runtime::DialogueScript> scripted_dialogues(const ChatOptions& options) {
  if (!options.scripted()) return {};
  if (!options.prompts.empty()) return {{std::nullopt, options.prompts}};
  auto dialogues = options.script ? runtime::read_script(*options.script) : bundled_dialogues();
  if (!options.turns) return dialogues;
  return runtime::first_turns(std::move(dialogues), *options.turns);
}

// What a reader of the answer must not miss.
void tell_ending(const TurnReport& turn, const cli::Console& console) {
  if (turn.answer.reread) console.note("the conversation was read again: its text no longer matches what was cached");
  switch (turn.answer.generated.reason) {
    case runtime::StopReason::length:
      console.note("the answer was cut at " + chat::tokens_text(turn.tokens()) + " (--max-new-tokens)");
      return;
    case runtime::StopReason::context_full:
      console.warn("the context is full and the answer was cut: start a new conversation (/reset)");
      return;
    case runtime::StopReason::cancelled:
      console.note("the answer was stopped");
      return;
    case runtime::StopReason::eos:
    case runtime::StopReason::stop_text:
      return;
  }
}

void tell_status(const TurnReport& turn, const cli::Console& console) {
  if (console.options().quiet || !cli::stderr_is_terminal()) return;
  std::cerr << cli::coloured(chat::status_line(turn), cli::Colour::dim, cli::stderr_has_colour()) << '\n';
}

void answer(ChatSession& session, const std::string& user, const cli::Console& console) {
  const TurnReport& turn = session.say(user);
  console.print("\n");
  tell_ending(turn, console);
  tell_status(turn, console);
}

void run_dialogue(ChatSession& session, const runtime::DialogueScript& dialogue, const cli::Console& console) {
  for (const std::string& user : dialogue.user_turns) {
    console.print("user: " + user + "\nassistant: ");
    answer(session, user, console);
    cli::throw_if_interrupted();
    const TurnReport& turn = session.turns().back();
    if (turn.comparison && turn.comparison->difference) console.print(chat::status_line(turn) + "\n");
    console.print("\n");
  }
}

void run_script(ChatSession& session, const std::vector<runtime::DialogueScript>& dialogues,
                const cli::Console& console) {
  bool first = true;
  for (const runtime::DialogueScript& dialogue : dialogues) {
    if (!first) console.print("(a new conversation)\n\n");
    first = false;
    session.start(dialogue.system);
    run_dialogue(session, dialogue, console);
  }
  console.print(chat::Totals(session.turns()).text() + "\n");
}

// The next line of stdin without its end; nothing at its end. Ctrl-C while waiting gives an empty line.
std::optional<std::string> read_line(const cli::Console& console) {
  char* text = nullptr;
  std::size_t capacity = 0;
  const ssize_t length = ::getline(&text, &capacity, stdin);
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  if (length < 0 && cli::interrupt_requested()) {
    std::clearerr(stdin);
    cli::clear_interrupt();
    console.print("\n");
    console.note("Ctrl-D or /quit ends the chat");
    return std::string();
  }
  if (length < 0) return std::nullopt;
  std::string line(text, static_cast<std::size_t>(length));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

void print_stats(const ChatSession& session, const cli::Console& console) {
  const runtime::Conversation& conversation = session.conversation();
  console.print(chat::Totals(session.turns()).text() + "\n" + std::to_string(conversation.cached_length()) + " of " +
                std::to_string(conversation.max_positions()) + " positions taken\n");
}

NextStep obey(const std::string& command, ChatSession& session, const cli::Console& console) {
  if (command == "/quit") return NextStep::quit;
  if (command == "/reset") {
    session.start(std::nullopt);
    console.note("a new conversation");
  } else if (command == "/stats") {
    print_stats(session, console);
  } else if (command == "/help") {
    console.print(kCommands);
  } else {
    console.warn("there is no command " + command + "; /help lists them");
  }
  return NextStep::go_on;
}

// A turn that fails does not end a chat at a terminal; through a pipe, where nobody can react, it does.
void answer_or_explain(ChatSession& session, const std::string& line, const cli::Console& console) {
  try {
    answer(session, line, console);
  } catch (const Error& error) {
    if (!cli::stdin_is_terminal()) throw;
    cli::print_error(error.what(), error.hint());
  }
  cli::clear_interrupt();
}

void run_repl(ChatSession& session, const cli::Console& console) {
  const bool terminal = cli::stdin_is_terminal();
  if (terminal) console.note("/help lists the commands; Ctrl-D ends");
  while (true) {
    if (terminal) console.print("> ");
    const std::optional<std::string> line = read_line(console);
    if (!line) break;
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    if (line->front() != '/') {
      answer_or_explain(session, *line, console);
    } else if (obey(*line, session, console) == NextStep::quit) {
      return;
    }
  }
  if (terminal) console.print("\n");
}

cli::ExitStatus chat_with(const ChatOptions& options, cli::Console& console) {
  options.require_consistent();
  runtime::require_valid(options.sampling);
  const std::vector<runtime::DialogueScript> dialogues = scripted_dialogues(options);
  const auto chat_template = text::load_chat_template(options.chat_template);
  convert::OpenedModel model = cli::open_model(options.model, console);
  if (chat_template) model.use_chat_template(*chat_template);
  ChatSession session(model, options, console, options.scripted() || options.compare_source);
  try {
    if (options.scripted()) {
      run_script(session, dialogues, console);
    } else {
      run_repl(session, console);
    }
  } catch (const std::runtime_error& error) {  // also an interruption
    nlohmann::json report = session.report();  // what was said before is not lost
    report["error"] = error.what();
    if (const auto* own = dynamic_cast<const Error*>(&error)) report["hint"] = own->hint();
    console.report(report);
    throw;
  }
  console.report(session.report());
  return cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo tool{"stac-chat",
                           "Talks with a converted model; greedy (temperature 0) unless told otherwise.",
                           {"stac-chat", "stac-chat --model stac-tiny --turns 3",
                            "stac-chat --prompt 'My name is Alice.' --prompt 'What is my name?' --json",
                            "stac-chat --mode source --temperature 0.8 --top-p 0.9 --seed 7"}};
  return cli::run<ChatOptions>(
      argc, argv, tool, [](const ChatOptions& options, cli::Console& console) { return chat_with(options, console); });
}
