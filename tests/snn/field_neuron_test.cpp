// The field's neurons against SpikingJelly itself: scripts/make_spikingjelly_goldens.py made the files.
#include "stac/snn/field_neuron.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "stac/io/safetensors.hpp"
#include "support/test_paths.hpp"

namespace stac::snn {
namespace {

struct Named {
  std::string name;  // as the golden script puts it
  FieldNeuron neuron;
};

std::vector<Named> all_neurons(Release release) {
  std::vector<Named> neurons;
  for (const auto& [threshold_name, threshold] : {std::pair{"1.0", 1.0F}, {"0.7", 0.7F}}) {
    for (const auto& [reset_name, reset] :
         {std::pair<const char*, std::optional<float>>{"none", std::nullopt}, {"0", 0.0F}, {"-0.3", -0.3F}}) {
      const std::string common = std::string(" threshold=") + threshold_name + " reset=" + reset_name;
      neurons.push_back({"if" + common, {threshold, reset, std::nullopt, true, release}});
      for (const auto& [tau_name, tau] : {std::pair{"1.5", 1.5}, {"2.0", 2.0}, {"7.3", 7.3}}) {
        for (const bool decay : {true, false}) {
          neurons.push_back({"lif" + common + " tau=" + tau_name + " decay_input=" + (decay ? "1" : "0"),
                             {threshold, reset, tau, decay, release}});
        }
      }
    }
  }
  return neurons;
}

void expect_equal_step_for_step(const io::SafetensorsFile& golden, const std::string& mode, const Named& named) {
  const io::TensorView inputs = golden.tensor("inputs");
  const io::TensorView spikes = golden.tensor(mode + " " + named.name + " spikes");
  const io::TensorView potentials = golden.tensor(mode + " " + named.name + " potentials");
  const auto* const x = reinterpret_cast<const float*>(inputs.bytes.data());
  const auto* const expected = reinterpret_cast<const float*>(potentials.bytes.data());
  const std::int64_t timesteps = inputs.shape[0];
  const std::int64_t n = inputs.shape[1];
  int fired = 0;
  for (std::int64_t j = 0; j < n; ++j) {
    float v = resting_potential(named.neuron);
    for (std::int64_t t = 0; t < timesteps; ++t) {
      const std::int64_t at = t * n + j;
      const FieldStep now = step(named.neuron, v, x[at]);
      v = now.state.potential;
      fired += now.spike;
      ASSERT_EQ(now.spike, static_cast<int>(spikes.bytes[at])) << mode << " " << named.name << " step " << t;
      ASSERT_EQ(v, expected[at]) << mode << " " << named.name << " step " << t << " neuron " << j;
    }
  }
  EXPECT_GT(fired, 0) << named.name;
}

TEST(FieldNeuron, EqualsSpikingJelly2StepForStep) {
  const auto golden = io::SafetensorsFile::open(testing::test_data("neurons/spikingjelly-2.0.0.safetensors"));
  for (const Named& named : all_neurons(Release::v2)) {
    expect_equal_step_for_step(*golden, "eval", named);
    expect_equal_step_for_step(*golden, "train", named);
  }
}

TEST(FieldNeuron, EqualsSpikingJelly14StepForStep) {
  const auto golden = io::SafetensorsFile::open(testing::test_data("neurons/spikingjelly-0.0.0.0.14.safetensors"));
  for (const Named& named : all_neurons(Release::v0_14)) expect_equal_step_for_step(*golden, "eval", named);
  for (const Named& named : all_neurons(Release::v0_14_training)) expect_equal_step_for_step(*golden, "train", named);
}

TEST(FieldNeuron, ReleasesDifferOnlyInRounding) {
  const FieldNeuron newer{1.0F, std::nullopt, 7.3, false, Release::v2};
  FieldNeuron older = newer;
  older.release = Release::v0_14;
  float apart = 0.0F;
  for (int i = 0; i < 200; ++i) {
    const float v = 0.003F * static_cast<float>(i);
    const float difference = std::abs(step(newer, v, 0.1F).state.potential - step(older, v, 0.1F).state.potential);
    apart = std::max(apart, difference);
  }
  EXPECT_GT(apart, 0.0F);
  EXPECT_LT(apart, 1e-6F);
}

}  // namespace
}  // namespace stac::snn
