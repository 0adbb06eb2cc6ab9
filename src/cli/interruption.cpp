#include "stac/cli/interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace stac::cli {
namespace {

// What a signal handler may touch: a flag, and a pipe's end to write to.
volatile std::sig_atomic_t interrupt_flag = 0;
std::array<int, 2> wake_pipe{-1, -1};

void on_interrupt(int /*signal*/) {
  const int error = errno;
  interrupt_flag = 1;
  static_cast<void>(!::write(wake_pipe[1], "", 1));
  errno = error;
}

void drain() {
  std::array<char, 16> bytes{};
  while (::read(wake_pipe[0], bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

void catch_interrupts() {
  if (wake_pipe[0] < 0) static_cast<void>(::pipe2(wake_pipe.data(), O_NONBLOCK | O_CLOEXEC));
  drain();
  interrupt_flag = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  // The second Ctrl-C kills. A write that the first one meets goes on: cut short, it would be taken for a failed one.
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
}

bool interrupt_requested() { return interrupt_flag != 0; }

void clear_interrupt() { catch_interrupts(); }

int interrupt_descriptor() { return wake_pipe[0]; }

void throw_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

}  // namespace stac::cli
