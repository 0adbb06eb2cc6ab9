// Ctrl-C as an orderly end: the first one asks, and whoever waits unwinds; a second one kills.
#pragma once
#include <stdexcept>

namespace stac::cli {

/// Thrown where work stops because of Ctrl-C; ends a command with status 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// From here on SIGINT sets a flag instead of killing. Reading and writing go on through it; poll() returns EINTR.
void catch_interrupts();

/// Whether Ctrl-C was pressed since the last catch_interrupts() or clear_interrupt().
[[nodiscard]] bool interrupt_requested();

/// Forgets the request and catches the next one (a chat that goes on after a stopped answer).
void clear_interrupt();

/// A file descriptor that can be read from once Ctrl-C was pressed, until it is cleared: for those who poll() and must
/// not miss what comes just before they do.
[[nodiscard]] int interrupt_descriptor();

/// @throws Interrupted  if Ctrl-C was pressed
void throw_if_interrupted();

}  // namespace stac::cli
