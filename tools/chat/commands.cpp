#include "chat/commands.hpp"

#include <array>
#include <functional>
#include <iostream>
#include <string_view>

#include "stac/cli/byte_size.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/error.hpp"

namespace stac::chat {
namespace {

struct Context {
  ChatSession& session;
  cli::Console& console;
  std::string argument;  ///< what follows the command's name
};

struct Command {
  std::string_view name, argument, help;
  std::function<NextStep(const Context&)> run;
};

const std::vector<Command>& commands();

NextStep show_help(const Context& context) {
  std::string text;
  for (const Command& command : commands()) {
    std::string usage =
        std::string(command.name) + (command.argument.empty() ? "" : " " + std::string(command.argument));
    usage.resize(std::max<std::size_t>(usage.size(), 21), ' ');
    text += usage + std::string(command.help) + "\n";
  }
  text += "A line that ends with a backslash goes on in the next; \"\"\" begins and ends a text of several lines.\n";
  context.console.print(text);
  return NextStep::go_on;
}

NextStep reset(const Context& context) {
  context.session.reset();
  context.console.note("a new conversation");
  return NextStep::go_on;
}

NextStep system(const Context& context) {
  if (context.argument.empty()) {
    const auto& text = context.session.conversation().system();
    context.console.print(text ? *text + "\n" : "there is no system message\n");
    return NextStep::go_on;
  }
  const bool none = context.argument == "none";
  context.session.set_system(none ? std::nullopt : std::optional(context.argument));
  context.console.note(none ? "no system message from here on" : "the system message from here on");
  return NextStep::go_on;
}

NextStep regenerate(const Context& context) {
  const std::string before = context.session.last_answer();
  const TurnReport* const turn = context.session.regenerate();
  if (turn == nullptr) {
    context.console.warn("there is no answer to take back");
    return NextStep::go_on;
  }
  context.console.print("\n");
  tell_about(*turn, context.console);
  if (!context.session.samples() && turn->answer.text == before) {
    context.console.note("the same again: answers are greedy, and --temperature above 0 draws others");
  }
  return NextStep::go_on;
}

NextStep undo(const Context& context) {
  const auto said = context.session.undo();
  if (said) {
    context.console.note("taken back: " + *said);
  } else {
    context.console.warn("there is no turn to take back");
  }
  return NextStep::go_on;
}

NextStep show_stats(const Context& context) {
  const ChatSession& session = context.session;
  const runtime::Conversation& conversation = session.conversation();
  std::string text = Totals(session.turns()).text() + "\n" + std::to_string(conversation.cached_length()) + " of " +
                     std::to_string(conversation.max_positions()) + " positions taken";
  if (session.cached_bytes() > 0) {
    text += ", " + cli::byte_size_text(session.cached_bytes()) + " of keys and values in " + session.cache_format();
  }
  context.console.print(text + "\n");
  return NextStep::go_on;
}

std::string required_file(const Context& context, const std::string& command) {
  if (context.argument.empty()) throw Error(command + " needs a file's name", "write " + command + " talk.json");
  return context.argument;
}

NextStep save(const Context& context) {
  const std::string file = required_file(context, "/save");
  context.session.save(file);
  context.console.note("saved in " + file);
  return NextStep::go_on;
}

NextStep load(const Context& context) {
  const std::string file = required_file(context, "/load");
  context.session.load(file);
  context.console.note("going on with " + file + ": " +
                       std::to_string(context.session.conversation().messages().size()) + " messages");
  return NextStep::go_on;
}

NextStep set_mode(const Context& context, Mode mode) {
  context.session.set_mode(mode);
  context.console.note(mode == Mode::snn ? "from here on with spikes" : "from here on without spikes");
  return NextStep::go_on;
}

NextStep switch_conversation(const Context& context) {
  if (context.argument.empty()) {
    std::string text;
    for (const std::string& name : context.session.names()) {
      text += (name == context.session.name() ? "* " : "  ") + name + "\n";
    }
    context.console.print(text);
    return NextStep::go_on;
  }
  context.session.switch_to(context.argument);
  context.console.note("the conversation '" + context.argument + "'");
  return NextStep::go_on;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"/help", "", "this list", show_help},
      {"/reset", "", "forget the conversation", reset},
      {"/system", "[TEXT|none]", "show or change the system message", system},
      {"/regenerate", "", "another answer to the same message, by the next seed", regenerate},
      {"/undo", "", "take the last turn back", undo},
      {"/stats", "", "what was said and measured so far", show_stats},
      {"/save", "FILE", "write the conversation to a file", save},
      {"/load", "FILE", "go on with the conversation of a file", load},
      {"/switch", "[NAME]", "go on with another conversation, or list them", switch_conversation},
      {"/ann", "", "go on without spikes", [](const Context& context) { return set_mode(context, Mode::ann); }},
      {"/snn", "", "go on with spikes", [](const Context& context) { return set_mode(context, Mode::snn); }},
      {"/quit", "", "end (as Ctrl-D does); Ctrl-C stops an answer", [](const Context&) { return NextStep::quit; }}};
  return all;
}

void tell_ending(const TurnReport& turn, const cli::Console& console) {
  switch (turn.answer.generated.reason) {
    case runtime::StopReason::length:
      console.note("the answer was cut at " + tokens_text(turn.tokens()) + " (--max-new-tokens)");
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

void print_parting(const TurnReport& turn, const cli::Console& console) {
  if (!turn.without_spikes) return;
  if (const auto text = parting_text(turn.answer, *turn.without_spikes)) console.print("(" + *text + ")\n");
}

void tell_status(const TurnReport& turn, const cli::Console& console) {
  if (console.options().quiet || !cli::stderr_is_terminal()) return;
  std::cerr << cli::coloured(status_line(turn), cli::Colour::dim, cli::stderr_has_colour()) << '\n';
}

}  // namespace

void tell_about(const TurnReport& turn, const cli::Console& console) {
  for (const runtime::Forgotten& forgotten : turn.answer.forgotten) console.note(forgotten_text(forgotten));
  if (turn.answer.reread) console.note("the conversation was read again: what was cached no longer begins its text");
  tell_ending(turn, console);
  print_parting(turn, console);
  tell_status(turn, console);
}

NextStep obey(const std::string& line, ChatSession& session, cli::Console& console) {
  const std::size_t end = std::min(line.find_first_of(" \t\n"), line.size());
  const std::string name = line.substr(0, end);
  const std::size_t argument = line.find_first_not_of(" \t\n", end);
  const std::string rest = argument == std::string::npos ? "" : line.substr(argument);
  for (const Command& command : commands()) {
    if (command.name != name) continue;
    if (command.argument.empty() && !rest.empty()) {
      throw Error(name + " takes no argument: '" + rest + "'", "write " + name + " alone");
    }
    return command.run({session, console, rest});
  }
  console.warn("there is no command " + name + "; /help lists them");
  return NextStep::go_on;
}

}  // namespace stac::chat
