#include "text/added_tokens.hpp"

#include <algorithm>

#include "text/character_class.hpp"

namespace stac::text {

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), trie_(1) {
  for (std::size_t token = 0; token < tokens_.size(); ++token) insert(token);
}

void AddedTokenFinder::insert(std::size_t token) {
  std::size_t node = 0;
  for (const char byte : tokens_[token].content) {
    const auto [found, fresh] = trie_[node].next.try_emplace(byte, trie_.size());
    node = found->second;
    if (fresh) trie_.emplace_back();
  }
  trie_[node].token = token;
}

const AddedToken* AddedTokenFinder::longest_at(std::string_view text) const {
  std::optional<std::size_t> longest;
  std::size_t node = 0;
  for (const char byte : text) {
    const auto found = trie_[node].next.find(byte);
    if (found == trie_[node].next.end()) break;
    node = found->second;
    if (trie_[node].token) longest = trie_[node].token;
  }
  return longest ? &tokens_[*longest] : nullptr;
}

std::vector<Section> AddedTokenFinder::split(std::string_view text) const {
  std::vector<Section> sections;
  std::size_t done = 0;  // everything before belongs to a section
  const auto text_until = [&](std::size_t end) {
    if (done < end) sections.push_back({text.substr(done, end - done), std::nullopt});
  };
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = longest_at(text.substr(at));
    if (!token) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + token->content.size();
    at = end;
    if (token->single_word && (ends_with_word(text.substr(0, begin)) || begins_with_word(text.substr(end)))) continue;
    if (token->lstrip) begin = std::max(done, begin - blanks_at_end(text.substr(0, begin)));
    if (token->rstrip) end += blanks_at_begin(text.substr(end));
    // A match inside the blanks that an rstrip token swallowed begins before `done`; it then covers what is left of it.
    begin = std::max(begin, done);
    text_until(begin);
    sections.push_back({text.substr(begin, end - begin), token->id});
    done = end;
  }
  text_until(text.size());
  return sections;
}

}  // namespace stac::text
