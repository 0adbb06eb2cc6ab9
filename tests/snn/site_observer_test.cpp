#include "stac/snn/site_observer.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

using testing::random_transformer;

class Sizes : public SiteObserver {
 public:
  void see(SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override {
    for (std::int64_t i = 0; i < rows * channels; ++i) sum_ += static_cast<double>(membranes[i]);
    seen[where] = {rows, channels};
  }
  std::map<SiteId, std::pair<std::int64_t, std::int64_t>> seen;

 private:
  double sum_ = 0.0;  // every value is readable
};

TEST(SiteObserver, SeesEveryPopulationAndChangesNothing) {
  const auto m = random_transformer({});
  Sizes sizes;
  const Plan plan(m.config.layers, {});
  const std::vector<std::int64_t> ids{1, 5, 3, 2, 9};
  const auto logits = [&](std::unique_ptr<Engine> engine) {
    SpikingSequence sequence(std::make_shared<SpikingTransformer>(m.config, m.weights, plan, std::move(engine)));
    return sequence.append(ids, model::LogitRows::all);
  };
  const at::Tensor watched = logits(observed(make_engine(EngineKind::fused), sizes));
  EXPECT_TRUE(at::equal(watched, logits(make_engine(EngineKind::fused))));
  std::map<SiteId, std::pair<std::int64_t, std::int64_t>> expected;
  for (std::int64_t layer = 0; layer < m.config.layers; ++layer) {
    expected[{layer, Site::query_key_value}] = {5, m.config.hidden_size};
    expected[{layer, Site::scores}] = {5, m.config.heads * m.config.head_dim};
    expected[{layer, Site::attention_output}] = {5, m.config.heads * m.config.head_dim};
    expected[{layer, Site::up}] = {5, m.config.hidden_size};
    expected[{layer, Site::down}] = {5, m.config.intermediate_size};
  }
  expected[{m.config.layers, Site::head}] = {5, m.config.hidden_size};
  EXPECT_EQ(sizes.seen, expected);
}

class Threads : public SiteObserver {
 public:
  void see(SiteId /*where*/, const float* /*membranes*/, std::int64_t /*rows*/, std::int64_t /*channels*/) override {
    const std::lock_guard lock(mutex_);
    ids.insert(std::this_thread::get_id());
  }
  std::set<std::thread::id> ids;

 private:
  std::mutex mutex_;
};

// So many conversations that threads would take one each if nobody watched.
TEST(SiteObserver, IsCalledByTheThreadThatAskedHoweverManyConversationsThereAre) {
  at::set_num_threads(2);
  const auto m = random_transformer({});
  for (const EngineKind kind : {EngineKind::fused, EngineKind::temporal}) {
    Threads threads;
    const SpikingTransformer network(m.config, m.weights, Plan(m.config.layers, {}),
                                     observed(make_engine(kind), threads));
    const std::vector<std::int64_t> ids{1, 5, 3, 2};
    std::vector<SequenceState> states;
    for (int i = 0; i < 9; ++i) states.push_back(network.new_state());
    std::vector<SequenceInput> inputs;
    for (SequenceState& state : states) inputs.push_back({ids, &state});
    Ledger ledger(m.config.layers);
    for (int turn = 0; turn < 20; ++turn) {
      static_cast<void>(network.forward(inputs, model::LogitRows::last, ledger));
      for (SequenceState& state : states) state.reset();
    }
    EXPECT_EQ(threads.ids, std::set{std::this_thread::get_id()});
  }
}

}  // namespace
}  // namespace stac::snn
