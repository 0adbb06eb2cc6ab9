// Which population speaks where: one per site of every layer, and one in front of the head.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "stac/snn/ledger.hpp"
#include "stac/snn/population.hpp"

namespace stac::snn {

class Plan {
 public:
  Plan() = default;
  /// The same population everywhere.
  Plan(std::int64_t layers, const Population& everywhere);

  [[nodiscard]] std::int64_t layers() const { return static_cast<std::int64_t>(sites_.size()) - 1; }
  /// @param layer  as in the ledger: the head stands under layer = layers()
  [[nodiscard]] const Population& at(std::int64_t layer, Site site) const {
    return sites_.at(layer)[static_cast<std::size_t>(site)];
  }
  [[nodiscard]] Population& at(std::int64_t layer, Site site) {
    return sites_.at(layer)[static_cast<std::size_t>(site)];
  }

  /// Timesteps from a token's first spike to its logits: the windows that follow one another, summed. Throughput, when
  /// layers are pipelined, is one token per longest_window().
  [[nodiscard]] std::int64_t latency() const;
  [[nodiscard]] int longest_window() const;

  friend bool operator==(const Plan&, const Plan&) = default;

 private:
  std::vector<std::array<Population, kSites.size()>> sites_;  // [layers + 1]; the last holds the head alone
};

/// Every site of a network with this many layers, the head last.
template <typename Function>
void for_each_site(std::int64_t layers, Function function) {
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    for (const Site site : kSites) {
      if (site != Site::head) function(layer, site);
    }
  }
  function(layers, Site::head);
}

}  // namespace stac::snn
