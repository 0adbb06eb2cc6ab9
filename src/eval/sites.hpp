// The sites of a ledger: where neurons spike, by name.
#pragma once
#include <string>

#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"

namespace stac::eval {

/// "layer 3 down", "head"
[[nodiscard]] inline std::string site_text(const snn::Ledger& ledger, std::int64_t layer, snn::Site site) {
  const std::string where = layer < ledger.layers() ? "layer " + std::to_string(layer) + " " : "";
  return where + std::string(snn::site_name(site));
}

/// @param function  (layer, site, counts)
template <typename Function>
void for_each_counted_site(const snn::Ledger& ledger, Function function) {
  snn::for_each_site(ledger.layers(),
                     [&](std::int64_t layer, snn::Site site) { function(layer, site, ledger.counts(layer, site)); });
}

}  // namespace stac::eval
