// The cheapest code for each population that keeps a network within a stated distance of its source.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/convert/allocation_goal.hpp"
#include "stac/convert/calibration_text.hpp"
#include "stac/model/text_logits.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/spiking_pass.hpp"

namespace stac::convert {

/// One way in which a population could speak, and what it does alone, all others speaking as finely as they may.
struct Alternative {
  snn::Code code;
  std::int64_t group = 0;
  double kl = 0.0;         ///< of the next token, network of finest codes to the same with this one, nats
  double additions = 0.0;  ///< of the site, per token
  double energy = 0.0;     ///< of all that the site computes, picojoules per token

  friend bool operator==(const Alternative&, const Alternative&) = default;
};

struct AllocatedSite {
  snn::SiteId where;
  Alternative chosen;
  double sensitivity = 0.0;  ///< KL of the coarsest alternative: what most depends on this site

  friend bool operator==(const AllocatedSite&, const AllocatedSite&) = default;
};

/// A network against its source, on tokens by which no site was measured.
struct Distance {
  double ratio = 1.0;  ///< perplexity over the source's
  double kl = 0.0;     ///< source to network, nats a token

  friend bool operator==(const Distance&, const Distance&) = default;
};

struct AllocationRecord {
  std::string text;                  ///< origin of each text
  std::int64_t measured_tokens = 0;  ///< by which the sites were measured
  std::int64_t verified_tokens = 0;  ///< by which the whole was
  Distance distance;                 ///< of what was chosen, on the text where it is largest
  std::vector<AllocatedSite> sites;  ///< in the order of for_each_site

  friend bool operator==(const AllocationRecord&, const AllocationRecord&) = default;
};

using AllocationProgress = std::function<void(std::string_view what, std::int64_t done, std::int64_t total)>;

struct Allocation {
  snn::Plan plan;
  AllocationRecord record;
  std::vector<std::string> fallbacks;
};

/// Measures each site's alternatives alone, adds their KL up, and takes the cheapest choice whose sum is below an
/// allowance (Everett's Lagrange multipliers); the whole is then measured against the source on other tokens, and the
/// allowance moved until the limit is just kept there.
/// @param source    what the distance is from
/// @param network   its plan has the finest codes, phase ones; profiles and rests stay as they are
/// @param texts     the limit is kept on each; at least three samples of each: the first third, at most eight, measures
///                  sites, the others the whole
/// @param progress  called with what is done, and how far it is
/// @throws stac::Error  a text of fewer than three samples; no such energy model
[[nodiscard]] Allocation allocate(const model::TextReader& source, const snn::NetworkParts& network,
                                  const AllocationGoal& goal, const std::vector<TextSamples>& texts,
                                  const AllocationProgress& progress);

/// The plan in which every site has the timesteps, base, budget, headroom and group recorded; the rest of its code
/// stays as the plan has it.
[[nodiscard]] snn::Plan with_codes(snn::Plan plan, const AllocationRecord& record);

}  // namespace stac::convert
