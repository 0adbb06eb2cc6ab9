// stac-chat: talk with a spiking model, at the prompt, through a pipe, or with turns written beforehand.
#include <langinfo.h>

#include <clocale>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/chat_options.hpp"
#include "chat/chat_session.hpp"
#include "chat/commands.hpp"
#include "chat/message_reader.hpp"
#include "stac/cli/console.hpp"
#include "stac/cli/interruption.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/cli/tool.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/runtime/dialogue_script.hpp"

namespace {

using namespace stac;
using chat::ChatOptions;
using chat::ChatSession;
using chat::LineSource;
using chat::NextStep;
using chat::TurnReport;

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
  if (options.turns) dialogues = runtime::first_turns(std::move(dialogues), *options.turns);
  if (options.session && dialogues.size() > 1) {
    throw UsageError("--session holds one conversation, and the script has " + std::to_string(dialogues.size()),
                     "leave --session out, or say fewer --turns");
  }
  return dialogues;
}

// What must stand in a transcript, beside the notes on stderr.
void print_remarks(const TurnReport& turn, const cli::Console& console) {
  for (const runtime::Forgotten& forgotten : turn.answer.forgotten) {
    console.print("(" + chat::forgotten_text(forgotten) + ")\n");
  }
  if (turn.comparison && turn.comparison->difference) {
    console.print("(" + chat::comparison_text(*turn.comparison) + ")\n");
  }
}

void run_dialogue(ChatSession& session, const runtime::DialogueScript& dialogue, const cli::Console& console) {
  for (const std::string& user : dialogue.user_turns) {
    console.print("user: " + user + (session.compares() ? "\n" : "\nassistant: "));
    const TurnReport& turn = session.say(user);
    console.print("\n");
    chat::tell_about(turn, console);
    cli::throw_if_interrupted();
    print_remarks(turn, console);
    console.print("\n");
  }
}

void run_script(ChatSession& session, const std::vector<runtime::DialogueScript>& dialogues,
                const cli::Console& console, bool resumed) {
  bool first = true;
  for (const runtime::DialogueScript& dialogue : dialogues) {
    if (!first) console.print("(a new conversation)\n\n");
    first = false;
    if (!resumed) session.start(dialogue.system);
    run_dialogue(session, dialogue, console);
  }
  console.print(chat::Totals(session.turns()).text() + "\n");
}

NextStep answer_or_obey(ChatSession& session, const chat::UserInput& input, cli::Console& console) {
  if (input.text.find_first_not_of(" \t\n") == std::string::npos) return NextStep::go_on;
  if (input.text.front() == '/' && !input.quoted) return chat::obey(input.text, session, console);
  const TurnReport& turn = session.say(input.text);
  console.print("\n");
  chat::tell_about(turn, console);
  return NextStep::go_on;
}

std::optional<std::filesystem::path> history_file() {
  const auto state = io::state_folder();
  return state ? std::optional(*state / "chat_history") : std::nullopt;
}

// A turn or command that fails does not end a chat at a terminal; through a pipe, where nobody can react, it does.
void run_repl(ChatSession& session, cli::Console& console) {
  const bool terminal = cli::stdin_is_terminal();
  const auto lines = terminal ? chat::edited_lines(history_file()) : chat::piped_lines();
  if (terminal) console.note("/help lists the commands; Ctrl-D ends");
  while (true) {
    try {
      const std::optional<chat::UserInput> input = chat::read_message(*lines);
      if (!input) break;
      const NextStep next = answer_or_obey(session, *input, console);
      cli::clear_interrupt();
      if (next == NextStep::quit) return;
    } catch (const LineSource::Abandoned&) {
      console.print("\n");
      console.note("Ctrl-D or /quit ends the chat");
    } catch (const Error& error) {
      if (!terminal) throw;
      cli::print_error(error.what(), error.hint());
    }
  }
  if (terminal) console.print("\n");
}

/// @return whether the session was there
bool resume(ChatSession& session, const ChatOptions& options, const cli::Console& console) {
  if (!options.session || !std::filesystem::exists(*options.session)) return false;
  session.load(*options.session);
  console.note("going on with " + options.session->string() + ": " +
               std::to_string(session.conversation().messages().size()) + " messages");
  return true;
}

cli::ExitStatus chat_with(const ChatOptions& options, cli::Console& console) {
  options.require_consistent(console.options().device);
  if (options.session) io::require_writable_file(*options.session);  // before the work, not after
  const std::vector<runtime::DialogueScript> dialogues = scripted_dialogues(options);
  const auto chat_template = text::load_chat_template(options.chat_template);
  convert::OpenedModel model = cli::open_model(options.model, console, [&](const model::TransformerConfig& config) {
    chat::require_context(options.max_context, options.position_overflow_choice(), config);
  });
  if (chat_template) model.use_chat_template(*chat_template);
  ChatSession session(model, options, console, options.scripted() || options.compare_source);
  const bool resumed = resume(session, options, console);
  try {
    if (options.scripted()) {
      run_script(session, dialogues, console, resumed);
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

// The line editor counts characters, and a model's text is UTF-8 whatever the locale says.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

int main(int argc, char** argv) {
  use_utf8();
  const cli::ToolInfo tool{"stac-chat",
                           "Talks with a converted model; greedy (temperature 0) unless told otherwise.",
                           {"stac-chat", "stac-chat --model stac-tiny --turns 3", "stac-chat --session talk.json",
                            "stac-chat --prompt 'My name is Alice.' --prompt 'What is my name?' --json",
                            "stac-chat --mode source --temperature 0.8 --min-p 0.05 --seed 7"}};
  return cli::run<ChatOptions>(
      argc, argv, tool, [](const ChatOptions& options, cli::Console& console) { return chat_with(options, console); });
}
