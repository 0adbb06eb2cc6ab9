#include "text/pipeline/unigram_model.hpp"

#include <algorithm>

#include "stac/error.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

constexpr double unknown_penalty = 10.0;

}  // namespace

/// The best way to a place in the word: its last piece, and what it scores.
struct UnigramModel::Node {
  std::int64_t id = 0;
  double score = 0.0;
  std::optional<std::size_t> begin;  // of the last piece; none: no way found yet

  void offer(double candidate, std::size_t from, std::int64_t piece) {
    if (begin && candidate <= score) return;
    *this = {piece, candidate, from};
  }
};

UnigramModel::UnigramModel(const std::vector<ScoredPiece>& pieces, const UnigramOptions& options)
    : unk_id_(options.unk_id) {
  if (unk_id_ && (*unk_id_ < 0 || *unk_id_ >= static_cast<std::int64_t>(pieces.size()))) {
    throw Error("unk_id " + std::to_string(*unk_id_) + " is none of the " + std::to_string(pieces.size()) + " pieces");
  }
  vocabulary_.reserve(pieces.size());
  std::vector<PrefixIndex::Entry> entries;
  double least = 0.0;
  for (const auto& [piece, score] : pieces) {
    const auto id = static_cast<std::int64_t>(scores_.size());
    const auto [entry, fresh] = vocabulary_.emplace(piece, id);
    if (!fresh) {
      throw Error("ids " + std::to_string(entry->second) + " and " + std::to_string(id) + " have the same piece, '" +
                  piece + "'");
    }
    entries.emplace_back(entry->first, id);  // a map's keys stay where they are
    least = id == 0 ? score : std::min(least, score);
    scores_.push_back(score);
  }
  unknown_score_ = least - unknown_penalty;
  index_.emplace(std::move(entries));
  if (options.byte_fallback) byte_pieces_.emplace(*this);
}

std::int64_t UnigramModel::unknown_id(std::string_view text) const {
  if (unk_id_) return *unk_id_;
  throw Error("the tokenizer has no piece for '" + std::string(text) + "', and none for unknown text (unk_id)");
}

std::vector<UnigramModel::Node> UnigramModel::best_path(std::string_view word) const {
  std::vector<Node> nodes(word.size() + 1);
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t character = read_utf8(word.substr(at)).length;
    const double so_far = nodes[at].score;
    bool known = false;
    index_->for_each_prefix(word.substr(at), [&](std::size_t length, std::int64_t id) {
      nodes[at + length].offer(scores_[static_cast<std::size_t>(id)] + so_far, at, id);
      known = known || length == character;
    });
    if (!known) nodes[at + character].offer(unknown_score_ + so_far, at, unknown_id(word.substr(at, character)));
    at += character;
  }
  return nodes;
}

void UnigramModel::append_id(std::string_view piece, std::vector<std::int64_t>& ids) const {
  if (const auto id = id_of(piece)) return ids.push_back(*id);
  if (byte_pieces_ && byte_pieces_->spell(piece, ids)) return;
  ids.push_back(unknown_id(piece));
}

void UnigramModel::encode(std::string_view word, std::vector<std::int64_t>& ids) const {
  const std::vector<Node> nodes = best_path(word);
  std::vector<std::string_view> pieces;
  bool unknown_after = false;  // the piece to the right is unknown, too: they are one
  for (std::size_t end = word.size(); end > 0;) {
    const Node& node = nodes[end];
    const bool unknown = node.id == unk_id_;
    if (unknown && unknown_after) {
      pieces.back() = word.substr(*node.begin, end - *node.begin + pieces.back().size());
    } else {
      pieces.push_back(word.substr(*node.begin, end - *node.begin));
    }
    unknown_after = unknown;
    end = *node.begin;
  }
  std::for_each(pieces.rbegin(), pieces.rend(), [&](std::string_view piece) { append_id(piece, ids); });
}

}  // namespace stac::text
