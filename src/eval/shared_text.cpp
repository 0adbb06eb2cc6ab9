#include "shared_text.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_set>

namespace stac::eval {
namespace {

constexpr std::size_t kWords = 12;
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;  // odd: products of powers lose no bits

constexpr std::uint64_t power(std::uint64_t factor, std::size_t exponent) {
  std::uint64_t result = 1;
  for (std::size_t i = 0; i < exponent; ++i) result *= factor;
  return result;
}

/// Calls `visit(hash of kWords neighbouring words)` until it returns true (Karp and Rabin's rolling hash).
template <typename Visit>
bool any_passage(std::string_view text, const Visit& visit) {
  constexpr std::string_view kBlanks = " \t\r\n";
  constexpr std::uint64_t kOldest = power(kFactor, kWords);
  std::deque<std::uint64_t> words;
  std::uint64_t hash = 0;
  std::size_t begin = text.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.push_back(std::hash<std::string_view>{}(text.substr(begin, end - begin)));
    hash = hash * kFactor + words.back();
    if (words.size() > kWords) {
      hash -= kOldest * words.front();
      words.pop_front();
    }
    if (words.size() == kWords && visit(hash)) return true;
    begin = text.find_first_not_of(kBlanks, end);
  }
  return false;
}

}  // namespace

bool share_a_passage(std::string_view a, std::string_view b) {
  std::unordered_set<std::uint64_t> passages;
  any_passage(a, [&](std::uint64_t hash) {
    passages.insert(hash);
    return false;
  });
  return any_passage(b, [&](std::uint64_t hash) { return passages.contains(hash); });
}

}  // namespace stac::eval
