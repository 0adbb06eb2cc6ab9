#include "stac/cli/interruption.hpp"

#include <csignal>

namespace stac::cli {
namespace {

// The one thing that a signal handler may touch.
volatile std::sig_atomic_t interrupt_flag = 0;

void on_interrupt(int /*signal*/) { interrupt_flag = 1; }

}  // namespace

void catch_interrupts() {
  interrupt_flag = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second Ctrl-C kills
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
}

bool interrupt_requested() { return interrupt_flag != 0; }

void clear_interrupt() { catch_interrupts(); }

void throw_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

}  // namespace stac::cli
