#include "text/pipeline/bpe_model.hpp"

#include <queue>

#include "stac/error.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

constexpr std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
  return (static_cast<std::uint64_t>(left) << 32) | right;
}

constexpr std::int32_t none = -1;

}  // namespace

/// A piece of the word so far, in a doubly linked list by position.
struct BpeModel::Symbol {
  std::uint32_t id;
  std::int32_t previous;
  std::int32_t next;
  bool merged_away;
};

/// A merge that may be done at a position, unless one of its symbols has changed meanwhile.
struct BpeModel::Candidate {
  std::uint32_t rank;
  std::uint32_t id;
  std::int32_t position;
  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

/// Merges the symbols of one word: always the lowest rank, the leftmost among equals.
class BpeModel::Word {
 public:
  Word(const BpeModel& model, std::vector<Symbol> symbols) : model_(model), symbols_(std::move(symbols)) {}

  void merge_all() {
    for (std::int32_t i = 0; i + 1 < static_cast<std::int32_t>(symbols_.size()); ++i) consider(i);
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      if (still_possible(best)) apply(best);
    }
  }

  void append_ids(std::vector<std::int64_t>& ids) const {
    for (const Symbol& symbol : symbols_) {
      if (!symbol.merged_away) ids.push_back(symbol.id);
    }
  }

 private:
  Symbol& at(std::int32_t position) { return symbols_[static_cast<std::size_t>(position)]; }

  void consider(std::int32_t position) {
    const std::int32_t next = at(position).next;
    if (next == none) return;
    const Merge* merge = model_.merge_of(at(position).id, at(next).id);
    if (merge) queue_.push({merge->rank, merge->id, position});
  }

  bool still_possible(const Candidate& candidate) {
    const Symbol& left = at(candidate.position);
    if (left.merged_away || left.next == none) return false;
    const Merge* merge = model_.merge_of(left.id, at(left.next).id);
    return merge && merge->id == candidate.id;
  }

  void apply(const Candidate& candidate) {
    Symbol& left = at(candidate.position);
    Symbol& right = at(left.next);
    left.id = candidate.id;
    left.next = right.next;
    right.merged_away = true;
    if (left.next != none) at(left.next).previous = candidate.position;
    if (left.previous != none) consider(left.previous);
    consider(candidate.position);
  }

  const BpeModel& model_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue_;
};

BpeModel::BpeModel(Vocabulary vocabulary, const Merges& merges, const BpeOptions& options)
    : vocabulary_(std::move(vocabulary)), fuse_unk_(options.fuse_unk), ignore_merges_(options.ignore_merges) {
  merges_.reserve(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    const std::uint64_t key = pair_key(piece(left, rank), piece(right, rank));
    merges_[key] = {static_cast<std::uint32_t>(rank), piece(left + right, rank)};
  }
  if (options.byte_fallback) byte_pieces_.emplace(*this);
  if (!options.unk_token) return;
  const auto unk = id_of(*options.unk_token);
  if (!unk) throw Error("unk_token '" + *options.unk_token + "' is not in the vocabulary");
  unk_id_ = static_cast<std::uint32_t>(*unk);
}

std::uint32_t BpeModel::piece(const std::string& token, std::size_t rank) const {
  const auto found = vocabulary_.find(token);
  if (found == vocabulary_.end()) {
    throw Error(
        "merge " + std::to_string(rank) + " needs the piece '" + token + "', which the vocabulary does not have",
        "vocabulary and merges do not belong together: take both from the same source");
  }
  return static_cast<std::uint32_t>(found->second);
}

const BpeModel::Merge* BpeModel::merge_of(std::uint32_t left, std::uint32_t right) const {
  const auto found = merges_.find(pair_key(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

/// The symbols of a word before merges. An unknown character is written when the next known one, or the word's end, is
/// reached: so the library keeps it, even where spelled bytes come between.
class BpeModel::Symbols {
 public:
  explicit Symbols(const BpeModel& model) : model_(model) {}

  void add_character(std::string_view character) {
    const auto id = model_.id_of(character);
    if (id) {
      write_unknown();
      write(static_cast<std::uint32_t>(*id));
    } else if (!spell(character)) {
      add_unknown();
    }
  }

  std::vector<Symbol> take() {
    write_unknown();
    return std::move(symbols_);
  }

 private:
  bool spell(std::string_view character) {
    std::vector<std::int64_t> ids;
    if (!model_.byte_pieces_ || !model_.byte_pieces_->spell(character, ids)) return false;
    for (const std::int64_t id : ids) write(static_cast<std::uint32_t>(id));
    return true;
  }

  void add_unknown() {
    if (!model_.unk_id_) return;
    if (!model_.fuse_unk_) write_unknown();
    unknown_ = true;
  }

  void write_unknown() {
    if (unknown_) write(*model_.unk_id_);
    unknown_ = false;
  }

  void write(std::uint32_t id) {
    const auto position = static_cast<std::int32_t>(symbols_.size());
    if (!symbols_.empty()) symbols_.back().next = position;
    symbols_.push_back({id, position - 1, none, false});
  }

  const BpeModel& model_;
  std::vector<Symbol> symbols_;
  bool unknown_ = false;
};

std::vector<BpeModel::Symbol> BpeModel::symbols_of(std::string_view word) const {
  Symbols symbols(*this);
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t length = read_utf8(word.substr(at)).length;
    symbols.add_character(word.substr(at, length));
    at += length;
  }
  return symbols.take();
}

void BpeModel::encode(std::string_view word, std::vector<std::int64_t>& ids) const {
  if (ignore_merges_) {
    if (const auto whole = id_of(word)) return ids.push_back(*whole);
  }
  Word symbols(*this, symbols_of(word));
  symbols.merge_all();
  symbols.append_ids(ids);
}

}  // namespace stac::text
