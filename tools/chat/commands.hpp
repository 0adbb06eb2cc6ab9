// What a user can ask of the chat itself: /help and its like.
#pragma once
#include <string>

#include "chat/chat_session.hpp"
#include "stac/cli/console.hpp"

namespace stac::chat {

enum class NextStep { go_on, quit };

/// @param line  begins with a slash
/// @throws stac::Error  what the command throws
NextStep obey(const std::string& line, ChatSession& session, cli::Console& console);

/// What a reader of an answer must not miss: on stderr, and under two answers where they part.
void tell_about(const TurnReport& turn, const cli::Console& console);

}  // namespace stac::chat
