// What conversations have cached, by id, within a budget of bytes: the least recently used one goes first.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stac/snn/spiking_transformer.hpp"

namespace stac::runtime {

using ConversationId = std::string;

/// A conversation that a budget cost. Nothing of it is lost but time: whoever has its text can read it again.
struct DroppedConversation {
  ConversationId id;
  std::int64_t tokens = 0;  ///< that it had cached
  std::uint64_t bytes = 0;  ///< that its keys and values took
};

class ConversationCache {
 public:
  using OnDrop = std::function<void(const DroppedConversation&)>;

  /// @param budget   bytes; not given: no limit
  /// @param on_drop  may be empty
  explicit ConversationCache(std::optional<std::uint64_t> budget = {}, OnDrop on_drop = {});

  /// Null where there is none. Stays valid until the conversation is erased or dropped.
  [[nodiscard]] snn::SequenceState* find(const ConversationId& id);
  [[nodiscard]] const snn::SequenceState* find(const ConversationId& id) const;

  /// Drops conversations, least recently used first, until those that stay and `needed` bytes fit the budget.
  /// @param kept    never dropped; `needed` counts them already
  /// @throws stac::Error  `needed` alone exceeds the budget: nothing is dropped then
  void make_room(const std::vector<ConversationId>& kept, std::uint64_t needed);

  /// Marks a conversation as the one used last. @param id  that is there
  void touch(const ConversationId& id);
  /// Takes a new conversation, as the one used last. @param id  that is not there
  void add(const ConversationId& id, snn::SequenceState state);

  void erase(const ConversationId& id) { entries_.erase(id); }
  void clear() { entries_.clear(); }

  /// Least recently used first.
  [[nodiscard]] std::vector<ConversationId> ids() const;
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Entry {
    snn::SequenceState state;
    std::uint64_t last_use = 0;
  };

  std::optional<std::uint64_t> budget_;
  OnDrop on_drop_;
  std::map<ConversationId, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace stac::runtime
