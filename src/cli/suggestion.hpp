// What a misspelled word may have meant.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace stac::cli {

/// The known word with the fewest edits (insert, delete, replace, swap neighbours) from `word`; none if that takes more
/// than a third of its letters, and no known word begins with it.
[[nodiscard]] std::optional<std::string> nearest_word(const std::string& word, const std::vector<std::string>& known);

}  // namespace stac::cli
