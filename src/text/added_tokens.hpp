// Tokens that stand beside the model's vocabulary and are found in a text before anything else looks at it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stac::text {

struct AddedToken {
  std::int64_t id = 0;
  std::string content;
  bool special = false;
  bool lstrip = false;       ///< swallows the blanks before it
  bool rstrip = false;       ///< swallows the blanks after it
  bool single_word = false;  ///< only where no letter or digit touches it
  bool normalized = false;   ///< looked for after normalization, not before
};

/// A stretch of a text: an added token, or what lies between two.
struct Section {
  std::string_view text;
  std::optional<std::int64_t> id;
};

/// Finds a set of tokens: from left to right, the longest where several begin.
class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  /// Cuts a text into sections that cover it, in order; empty ones are left out.
  /// @param text  valid UTF-8; the sections point into it
  [[nodiscard]] std::vector<Section> split(std::string_view text) const;

  [[nodiscard]] bool empty() const { return tokens_.empty(); }

 private:
  struct Node {
    std::unordered_map<char, std::size_t> next;
    std::optional<std::size_t> token;
  };

  void insert(std::size_t token);
  [[nodiscard]] const AddedToken* longest_at(std::string_view text) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> trie_;
};

}  // namespace stac::text
