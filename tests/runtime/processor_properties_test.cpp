// What a processor promises of every conversation, whatever happens around it: thousands of random cases on small
// networks of both families and both engines. The reference is always one forward over one whole text.
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "runtime/batches.hpp"
#include "runtime/small_networks.hpp"
#include "stac/error.hpp"
#include "stac/runtime/temporal_spike_processor.hpp"

namespace stac::runtime {
namespace {

using testing::Ids;
using testing::Random;
using testing::row;
using testing::size_of;
using testing::small_networks;
using testing::SmallNetwork;

/// [tokens, vocabulary] of one forward.
at::Tensor whole(const snn::SpikingModel& model, const Ids& text) {
  return TemporalSpikeProcessor(model).forward(row(text))[0];
}

/// A new row of a forward: what it adds to which conversation.
struct Piece {
  ConversationId id;
  Ids ids;
};

struct NamedBatch : testing::Batch {
  std::vector<ConversationId> names;
};

NamedBatch padded(const std::vector<Piece>& pieces) {
  std::vector<Ids> rows;
  std::vector<ConversationId> names;
  for (const Piece& piece : pieces) {
    rows.push_back(piece.ids);
    names.push_back(piece.id);
  }
  return {testing::padded(rows), std::move(names)};
}

/// What every conversation should have: its text, and the logits that came for it so far.
struct Told {
  Ids text;
  std::vector<at::Tensor> logits;

  void restart() {
    text.clear();
    logits.clear();
  }
  [[nodiscard]] bool agrees(const snn::SpikingModel& model) const {
    return text.empty() || at::equal(whole(model, text), at::cat(logits));
  }
};

/// Random pieces for some of the conversations, in random order; none passes the positions.
std::vector<Piece> random_pieces(Random& random, std::map<ConversationId, Told>& told, std::int64_t longest,
                                 std::int64_t positions) {
  std::vector<Piece> pieces;
  for (auto& [id, conversation] : told) {
    if (random.below(3) == 0) continue;
    const std::int64_t room = positions - size_of(conversation.text);
    pieces.insert(pieces.begin() + random.below(static_cast<std::int64_t>(pieces.size()) + 1),
                  {id, random.ids(std::min(room, random.below(longest + 1)), 23)});
  }
  if (pieces.empty()) pieces.push_back({told.begin()->first, {}});
  return pieces;
}

void tell(TemporalSpikeProcessor& processor, std::map<ConversationId, Told>& told, const std::vector<Piece>& pieces) {
  const NamedBatch batch = padded(pieces);
  const at::Tensor logits = processor.forward(batch.ids, batch.mask, batch.names);
  for (std::size_t b = 0; b < pieces.size(); ++b) {
    const std::int64_t count = size_of(pieces[b].ids);
    Told& conversation = told[pieces[b].id];
    conversation.text.insert(conversation.text.end(), pieces[b].ids.begin(), pieces[b].ids.end());
    conversation.logits.push_back(
        logits[static_cast<std::int64_t>(b)].narrow(0, batch.ids.size(1) - count, count).clone());
  }
}

class Properties : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] const SmallNetwork& network() const { return small_networks()[GetParam()]; }
  [[nodiscard]] const snn::SpikingModel& model() const { return network().model; }
  [[nodiscard]] std::int64_t positions() const { return model().config().max_positions; }
  [[nodiscard]] std::uint64_t seed(int property) const {
    return 100 * GetParam() + static_cast<std::uint64_t>(property);
  }
};

TEST_P(Properties, AnySplitOfATextGivesTheLogitsOfOneForward) {
  Random random(seed(1));
  for (int trial = 0; trial < 150; ++trial) {
    TemporalSpikeProcessor parts(model());
    const Ids text = random.ids(1 + random.below(positions()), 23);
    Told told;
    while (told.text.size() < text.size()) {
      const std::int64_t at = size_of(told.text);
      const std::int64_t count = 1 + random.below(size_of(text) - at);
      const Ids piece(text.begin() + at, text.begin() + at + count);
      told.logits.push_back(parts.forward(row(piece))[0]);
      told.text.insert(told.text.end(), piece.begin(), piece.end());
    }
    ASSERT_TRUE(told.agrees(model())) << network().name << ", trial " << trial;
  }
}

TEST_P(Properties, ConversationsThatJoinLeaveAndWaitInAnyOrderAreWhatTheyAreAlone) {
  Random random(seed(2));
  for (int trial = 0; trial < 40; ++trial) {
    TemporalSpikeProcessor processor(model());
    std::map<ConversationId, Told> told;
    for (std::int64_t i = 0; i < 1 + random.below(5); ++i) told["c" + std::to_string(i)];
    for (int step = 0; step < 6; ++step) {
      tell(processor, told, random_pieces(random, told, 7, positions()));
      if (random.below(4) == 0) (void)processor.forward(row(random.ids(5, 23)), {}, {"c0"}, UseCache::no);
      if (random.below(6) == 0) {
        processor.reset_cache("c0");
        told.begin()->second.restart();
      }
    }
    for (const auto& [id, conversation] : told) {
      ASSERT_TRUE(conversation.agrees(model())) << network().name << ", trial " << trial << ", " << id;
      ASSERT_EQ(processor.cached_length(id), size_of(conversation.text));
    }
  }
}

TEST_P(Properties, ADroppedConversationIsReadAgainAsIfItHadNeverBeenThere) {
  Random random(seed(3));
  const std::uint64_t one = model().network().new_state().bytes_after(1);
  int dropped = 0;
  for (int trial = 0; trial < 30; ++trial) {
    std::map<ConversationId, Told> told;
    for (int i = 0; i < 4; ++i) told["c" + std::to_string(i)];
    const std::uint64_t budget = one * (4 + static_cast<std::uint64_t>(random.below(2)));  // what one forward can need
    std::vector<ConversationId> expected;                                                  // least recently used first
    TemporalSpikeProcessor processor(
        model(), {.kv_budget_bytes = budget, .on_drop = [&](const DroppedConversation& gone) {
                    ++dropped;
                    ASSERT_FALSE(expected.empty());
                    EXPECT_EQ(gone.id, expected.front()) << "the least recently used one goes first";
                    EXPECT_EQ(gone.tokens, size_of(told[gone.id].text));
                    EXPECT_GT(gone.bytes, 0u);
                    expected.erase(expected.begin());
                    told[gone.id].restart();
                  }});
    for (int i = 0; i < 4; ++i) told["d" + std::to_string(i)];
    for (int step = 0; step < 12; ++step) {
      const std::string id = (random.below(2) == 0 ? "c" : "d") + std::to_string(random.below(4));
      const std::int64_t room = positions() - size_of(told[id].text);
      if (room == 0) continue;
      expected = processor.conversations();
      std::erase(expected, id);
      tell(processor, told, {{id, random.ids(1 + random.below(std::min<std::int64_t>(room, 6)), 23)}});
      ASSERT_LE(processor.cached_bytes(), budget);
      ASSERT_EQ(processor.conversations().back(), id);
    }
    for (const auto& [id, conversation] : told) ASSERT_TRUE(conversation.agrees(model())) << network().name << id;
  }
  EXPECT_GT(dropped, 20) << "the budget was never met";
}

TEST_P(Properties, ATruncatedConversationGoesOnAsIfTheRestHadNeverBeenRead) {
  Random random(seed(4));
  for (int trial = 0; trial < 60; ++trial) {
    TemporalSpikeProcessor processor(model());
    Ids text;
    at::Tensor last;
    for (int step = 0; step < 5; ++step) {
      const std::int64_t kept = random.below(size_of(text) + 1);
      processor.truncate("0", kept);
      text.resize(static_cast<std::size_t>(kept));
      ASSERT_EQ(processor.cached_length(), kept);
      const Ids piece = random.ids(1 + random.below(std::max<std::int64_t>(1, positions() - kept)), 23);
      if (kept + size_of(piece) > positions()) continue;
      last = processor.forward(row(piece))[0];
      text.insert(text.end(), piece.begin(), piece.end());
      const at::Tensor all = whole(model(), text);
      ASSERT_TRUE(at::equal(all.narrow(0, kept, size_of(piece)), last)) << network().name << ", trial " << trial;
    }
  }
}

TEST_P(Properties, MasksGrowByTheNewTokensAndPositionsAreTransformersCumulativeSums) {
  Random random(seed(5));
  for (int trial = 0; trial < 40; ++trial) {
    TemporalSpikeProcessor processor(model());
    std::map<ConversationId, Told> told{{"a", {}}, {"b", {}}, {"c", {}}};
    for (int step = 0; step < 4; ++step) {
      const std::vector<Piece> pieces = random_pieces(random, told, 6, positions());
      std::int64_t past = 0;
      std::vector<std::int64_t> cached;
      for (const Piece& piece : pieces) {
        cached.push_back(processor.cached_length(piece.id));
        past = std::max(past, cached.back());
      }
      tell(processor, told, pieces);
      const NamedBatch batch = padded(pieces);
      const at::Tensor mask = processor.attention_mask();
      const std::int64_t fresh = batch.ids.size(1);
      ASSERT_EQ(mask.size(1), past + fresh);
      ASSERT_TRUE(at::equal(mask.narrow(1, past, fresh), batch.mask));
      for (std::size_t b = 0; b < pieces.size(); ++b) {
        const auto index = static_cast<std::int64_t>(b);
        ASSERT_EQ(mask[index].narrow(0, 0, past).sum().item<std::int64_t>(), cached[b]);
        ASSERT_EQ(mask[index].sum().item<std::int64_t>(), cached[b] + size_of(pieces[b].ids));
      }
      const at::Tensor positions = mask.cumsum(1).sub(1).masked_fill(mask.eq(0), 1).narrow(1, past, fresh);
      ASSERT_TRUE(at::equal(processor.position_ids(), positions));
    }
  }
}

// transformers' own way to say it: the mask over everything, cached and new.
TEST_P(Properties, AMaskOverWhatIsCachedToo_IsTheSame) {
  Random random(seed(6));
  for (int trial = 0; trial < 20; ++trial) {
    TemporalSpikeProcessor shorter(model()), longer(model());
    for (int step = 0; step < 3; ++step) {
      const NamedBatch batch =
          padded({{"a", random.ids(1 + random.below(5), 23)}, {"b", random.ids(random.below(5), 23)}});
      const at::Tensor expected = shorter.forward(batch.ids, batch.mask, batch.names);
      ASSERT_TRUE(at::equal(longer.forward(batch.ids, shorter.attention_mask(), batch.names), expected));
      ASSERT_TRUE(at::equal(longer.attention_mask(), shorter.attention_mask()));
    }
  }
}

TEST_P(Properties, ARefusedForwardChangesNothingAndCostsNoConversation) {
  Random random(seed(7));
  const std::uint64_t one = model().network().new_state().bytes_after(1);
  int drops = 0;
  TemporalSpikeProcessor processor(
      model(), {.kv_budget_bytes = 2 * one, .on_drop = [&](const DroppedConversation&) { ++drops; }});
  std::map<ConversationId, Told> told;
  tell(processor, told, {{"a", random.ids(5, 23)}});
  tell(processor, told, {{"b", random.ids(6, 23)}});
  EXPECT_THROW((void)processor.forward(row({23}), {}, {"c"}), Error);
  EXPECT_THROW((void)processor.forward(row({-1}), {}, {"c"}), Error);
  EXPECT_THROW((void)processor.forward(row(random.ids(positions() - 4, 23)), {}, {"a"}), Error);
  const NamedBatch three = padded({{"c", {1}}, {"d", {2}}, {"e", {3}}});
  EXPECT_THROW((void)processor.forward(three.ids, three.mask, three.names), Error) << "three do not fit the budget";
  EXPECT_EQ(drops, 0);
  EXPECT_EQ(processor.conversations(), (std::vector<ConversationId>{"a", "b"}));
  tell(processor, told, {{"a", random.ids(2, 23)}, {"b", random.ids(3, 23)}});
  for (const auto& [id, conversation] : told) EXPECT_TRUE(conversation.agrees(model())) << id;
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& info) {
  std::string name = small_networks()[info.param].name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Processor, Properties, ::testing::Range<std::size_t>(0, 12), name_of);

}  // namespace
}  // namespace stac::runtime
