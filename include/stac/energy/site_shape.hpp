// How much of everything a site has, from the model's shape and the texts that were read: closed forms, with attention
// at its true, growing length.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/model/config.hpp"
#include "stac/snn/plan.hpp"

namespace stac::energy {

/// Texts that were read from their starts, each token's logits asked for. In tokens.
struct TextsRead {
  std::vector<std::int64_t> lengths;

  [[nodiscard]] std::uint64_t tokens() const;
  [[nodiscard]] std::uint64_t longest() const;
};

/// Sums over the rows of a site: tokens; in attention a token's heads, each a row of its own.
struct SiteShape {
  std::uint64_t rows = 0;
  std::uint64_t neurons = 0;             ///< inputs
  std::uint64_t targets = 0;             ///< outputs
  std::uint64_t macs = 0;                ///< inputs times outputs, row by row
  std::uint64_t groups = 0;              ///< with a gain of their own
  std::uint64_t targets_of_groups = 0;   ///< outputs times groups, row by row
  std::uint64_t targets_of_several = 0;  ///< the same of rows with more than one group

  friend bool operator==(const SiteShape&, const SiteShape&) = default;
};

/// Inputs of one token's row, of a site with weights. @param site  not scores, not mix
[[nodiscard]] std::int64_t inputs_of(const model::TransformerConfig& config, snn::Site site);
[[nodiscard]] std::int64_t outputs_of(const model::TransformerConfig& config, snn::Site site);

/// Keys that all tokens of all texts see in a layer.
[[nodiscard]] std::uint64_t keys_seen(const model::TransformerConfig& config, std::int64_t layer,
                                      const TextsRead& texts);

[[nodiscard]] SiteShape site_shape(const model::TransformerConfig& config, snn::SiteId where,
                                   const snn::Population& population, const TextsRead& texts);

}  // namespace stac::energy
