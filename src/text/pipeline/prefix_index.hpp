// Finds the pieces that a text begins with.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace stac::text {

/// Pieces sorted by their bytes: those that begin like the text are one range, which every further byte narrows.
class PrefixIndex {
 public:
  using Entry = std::pair<std::string_view, std::int64_t>;

  /// @param entries  no piece twice; the texts must outlive this
  explicit PrefixIndex(std::vector<Entry> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end());
  }

  /// Calls visit(length in bytes, id) for every piece that `text` begins with, from the shortest; empty ones are left
  /// out.
  template <typename Visit>
  void for_each_prefix(std::string_view text, Visit visit) const {
    auto begin = entries_.begin();
    auto end = entries_.end();
    for (std::size_t depth = 0; depth < text.size(); ++depth) {
      const auto byte_at_depth = [depth](const Entry& entry) {
        return depth < entry.first.size() ? static_cast<int>(static_cast<unsigned char>(entry.first[depth])) : -1;
      };
      const int wanted = static_cast<unsigned char>(text[depth]);
      begin = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at_depth(entry) < wanted; });
      end = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at_depth(entry) == wanted; });
      if (begin == end) return;
      if (begin->first.size() == depth + 1) visit(depth + 1, begin->second);
    }
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace stac::text
