#include "snn/byte_panel.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "every_target.hpp"

namespace stac::snn {
namespace {

std::vector<std::int8_t> by_definition(const std::vector<std::int8_t>& weights, std::int64_t outputs,
                                       std::int64_t inputs) {
  std::vector<std::int8_t> panel((inputs + 1) / 2 * kBytePair);
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t j = 0; j < inputs; ++j) panel[j / 2 * kBytePair + 2 * o + j % 2] = weights[o * inputs + j];
  }
  return panel;
}

TEST(BytePanel, HoldsEveryWeightInItsPlaceOnEveryTarget) {
  for (const std::int64_t inputs : {1, 2, 15, 16, 17, 64, 575, 768}) {
    for (const std::int64_t outputs : {1, 7, 8, 17, 63, 64}) {
      std::vector<std::int8_t> weights(outputs * inputs);
      for (std::int64_t i = 0; i < outputs * inputs; ++i) weights[i] = static_cast<std::int8_t>(i * 37 % 251 - 125);
      const std::vector<std::int8_t> expected = by_definition(weights, outputs, inputs);
      on_every_target([&] {
        std::vector<std::int8_t> panel(expected.size(), 99);
        pack_byte_panel(weights.data(), outputs, inputs, panel.data());
        EXPECT_EQ(panel, expected) << outputs << " outputs, " << inputs << " inputs";
      });
    }
  }
}

}  // namespace
}  // namespace stac::snn
