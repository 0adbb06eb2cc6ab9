// Two texts in two columns.
#pragma once
#include <string>

namespace stac::chat {

/// At most 100 columns wide; lines are kept, long ones are broken at blanks.
[[nodiscard]] std::string side_by_side(const std::string& left_title, const std::string& left,
                                       const std::string& right_title, const std::string& right);

}  // namespace stac::chat
