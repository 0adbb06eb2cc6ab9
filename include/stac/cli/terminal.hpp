// What the streams are connected to.
#pragma once
#include <string>
#include <string_view>

namespace stac::cli {

/// Where the caller closed stdin, stdout or stderr, the first files opened would be taken for them. Puts in their place
/// what can neither be read nor written, so that whoever tries is told.
void hold_standard_streams();

[[nodiscard]] bool stdin_is_terminal();
[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] bool stderr_is_terminal();

/// Colour goes to terminals only, and not where NO_COLOR is set (https://no-color.org) or TERM is "dumb".
[[nodiscard]] bool stdout_has_colour();
[[nodiscard]] bool stderr_has_colour();

enum class Colour { red, green, yellow, bold, dim };

/// The text in a colour where `enabled`, else as it is.
[[nodiscard]] std::string coloured(std::string_view text, Colour colour, bool enabled);

}  // namespace stac::cli
