#include "stac/runtime/conversation_cache.hpp"

#include <algorithm>
#include <utility>

#include "stac/error.hpp"

namespace stac::runtime {

ConversationCache::ConversationCache(std::optional<std::uint64_t> budget, OnDrop on_drop)
    : budget_(budget), on_drop_(std::move(on_drop)) {}

snn::SequenceState* ConversationCache::find(const ConversationId& id) {
  const auto entry = entries_.find(id);
  return entry == entries_.end() ? nullptr : &entry->second.state;
}

const snn::SequenceState* ConversationCache::find(const ConversationId& id) const {
  const auto entry = entries_.find(id);
  return entry == entries_.end() ? nullptr : &entry->second.state;
}

void ConversationCache::make_room(const std::vector<ConversationId>& kept, std::uint64_t needed) {
  if (!budget_) return;
  if (needed > *budget_) {
    throw Error("the keys and values of this forward would take " + std::to_string(needed) +
                    " bytes, more than the budget of " + std::to_string(*budget_),
                "give a larger budget (--kv-budget), or read fewer or shorter conversations at once");
  }
  std::uint64_t total = needed;
  std::vector<ConversationId> others;
  for (const ConversationId& id : ids()) {
    if (std::find(kept.begin(), kept.end(), id) != kept.end()) continue;
    others.push_back(id);
    total += entries_.at(id).state.bytes_after(0);
  }
  for (const ConversationId& id : others) {
    if (total <= *budget_) return;
    const snn::SequenceState& state = entries_.at(id).state;
    const DroppedConversation dropped{id, state.length, state.bytes_after(0)};
    total -= dropped.bytes;
    entries_.erase(id);
    if (on_drop_) on_drop_(dropped);
  }
}

void ConversationCache::touch(const ConversationId& id) { entries_.at(id).last_use = ++uses_; }

void ConversationCache::add(const ConversationId& id, snn::SequenceState state) {
  entries_.emplace(id, Entry{std::move(state), ++uses_});
}

std::vector<ConversationId> ConversationCache::ids() const {
  std::vector<std::pair<std::uint64_t, ConversationId>> by_use;
  for (const auto& [id, entry] : entries_) by_use.emplace_back(entry.last_use, id);
  std::sort(by_use.begin(), by_use.end());
  std::vector<ConversationId> ids;
  for (auto& [use, id] : by_use) ids.push_back(std::move(id));
  return ids;
}

std::uint64_t ConversationCache::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [id, entry] : entries_) sum += entry.state.bytes_after(0);
  return sum;
}

}  // namespace stac::runtime
