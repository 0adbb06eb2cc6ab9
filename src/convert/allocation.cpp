#include "stac/convert/allocation.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "convert/sensitivity.hpp"
#include "convert/source_distance.hpp"
#include "stac/convert/converter.hpp"
#include "stac/energy/energy_model.hpp"
#include "stac/error.hpp"

namespace stac::convert {
namespace {

using snn::Site;
using Samples = std::vector<std::vector<std::int64_t>>;

constexpr int kMostRounds = 10;
constexpr std::size_t kMostMeasuring = 8;  // samples of a text by which sites are measured
constexpr double kStride = 1.25;           // from one allowance to the next, until the limit lies between two
constexpr double kClose = 1.06;            // two allowances between which none is looked for

bool is_attention(Site site) { return site == Site::scores || site == Site::mix; }

/// Of a site whose inputs' populations are like `readers`. A group's currents must be weighed, so where energy counts
/// one gain is offered, too.
std::vector<std::int64_t> groups_for(const snn::Code& code, Site site, const snn::Population& readers,
                                     Minimise minimise) {
  const bool is_static = !readers.full_scale.empty();
  const bool kept = readers.group > 0 || is_static;
  const std::int64_t group = group_at(site, kept ? readers.group : default_group(code), is_static);
  if (kept || group == 0 || minimise != Minimise::energy) return {group};
  return {0, group};
}

/// Coarser than `finest`, most coarse first. Base 2 says the most with few spikes, base 3 with few timesteps; headroom
/// keeps the largest membranes short, and a budget the busiest (docs/theory.md, "Allocation").
std::vector<snn::Code> coarser_codes(const snn::Code& finest, Minimise minimise) {
  std::vector<snn::Code> codes;
  const auto add = [&](snn::Code code, int timesteps, int base, double headroom, int budget) {
    code.timesteps = timesteps;
    code.base = base;
    code.headroom = headroom;
    code.spike_budget = budget;
    const bool fewer = timesteps < finest.timesteps || budget > 0 || headroom > finest.headroom;
    if (fewer && timesteps <= finest.timesteps) codes.push_back(code);
  };
  if (minimise == Minimise::timesteps) {
    for (const int timesteps : {1, 2, 3, 4, 5, 6}) add(finest, timesteps, 3, 1.0, 0);
    return codes;
  }
  add(finest, 2, 2, 1.0, 0);
  for (const int timesteps : {3, 4, 5, 6, 7}) {
    add(finest, timesteps, 2, 1.5, 0);
    add(finest, timesteps, 2, 1.0, 0);
  }
  add(finest, 8, 2, 1.0, 2);
  return codes;
}

double cost_of(const Alternative& alternative, Minimise minimise) {
  switch (minimise) {
    case Minimise::spikes:
      return alternative.additions;
    case Minimise::timesteps:
      return alternative.code.timesteps;
    case Minimise::energy:
      return alternative.energy;
  }
  return 0.0;
}

/// What a site may choose from; the finest last.
struct Menu {
  snn::SiteId where;
  std::vector<Alternative> alternatives;
};

using Choice = std::vector<std::size_t>;  // of each menu

std::vector<Menu> measured_menus(const SensitivityMeter& meter, const snn::Plan& finest, const AllocationGoal& goal,
                                 const AllocationProgress& progress) {
  std::vector<Menu> menus;
  snn::for_each_site(finest.layers(), [&](std::int64_t layer, Site site) { menus.push_back({{layer, site}, {}}); });
  for (std::size_t i = 0; i < menus.size(); ++i) {
    if (progress) {
      progress("measuring site " + std::to_string(i + 1) + " of " + std::to_string(menus.size()),
               static_cast<std::int64_t>(i), static_cast<std::int64_t>(menus.size()));
    }
    const auto [layer, site] = menus[i].where;
    const snn::Population& fine = finest.at(layer, site);
    for (const snn::Code& code : coarser_codes(fine.code, goal.minimise)) {
      const snn::Population& readers = finest.at(layer, is_attention(site) ? Site::query_key_value : site);
      for (const std::int64_t group : groups_for(code, site, readers, goal.minimise)) {
        menus[i].alternatives.push_back(meter.measure(menus[i].where, {code, group}));
      }
    }
    menus[i].alternatives.push_back(meter.measure(menus[i].where, {fine.code, fine.group}));
  }
  return menus;
}

double summed_kl(const std::vector<Menu>& menus, const Choice& choice) {
  double sum = 0.0;
  for (std::size_t i = 0; i < menus.size(); ++i) sum += menus[i].alternatives[choice[i]].kl;
  return sum;
}

/// argmin of cost + price * KL at every site.
Choice cheapest_at(const std::vector<Menu>& menus, const AllocationGoal& goal, double price) {
  Choice choice;
  for (const Menu& menu : menus) {
    const auto worse = [&](const Alternative& a, const Alternative& b) {
      return cost_of(a, goal.minimise) + price * a.kl < cost_of(b, goal.minimise) + price * b.kl;
    };
    choice.push_back(std::ranges::min_element(menu.alternatives, worse) - menu.alternatives.begin());
  }
  return choice;
}

/// The smallest price of KL at which the sites' sum stays below the allowance.
Choice cheapest_within(const std::vector<Menu>& menus, const AllocationGoal& goal, double allowance) {
  double low = -60.0, high = 120.0;  // ln of the price
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    const bool kept = summed_kl(menus, cheapest_at(menus, goal, std::exp(middle))) <= allowance;
    (kept ? high : low) = middle;
  }
  return cheapest_at(menus, goal, std::exp(high));
}

AllocationRecord recorded(const std::vector<Menu>& menus, const Choice& choice) {
  AllocationRecord record;
  for (std::size_t i = 0; i < menus.size(); ++i) {
    const std::vector<Alternative>& all = menus[i].alternatives;
    record.sites.push_back({menus[i].where, all[choice[i]], all.front().kl});
  }
  return record;
}

/// On the text where it is largest.
Distance largest_distance(const std::vector<SourceDistance>& texts, snn::NetworkParts network, const snn::Plan& plan) {
  network.plan = plan;
  const model::TextReader spiking = snn::reader_of(std::move(network));
  Distance largest{0.0, 0.0};
  for (const SourceDistance& text : texts) {
    const Distance here = text.to(spiking);
    largest = {std::max(largest.ratio, here.ratio), std::max(largest.kl, here.kl)};
  }
  return largest;
}

bool kept(const Distance& distance, const AllocationGoal& goal) {
  return distance.ratio <= goal.max_ratio && std::exp(distance.kl) <= goal.max_ratio;
}

std::string distance_text(const Distance& distance) {
  return "a perplexity ratio of " + std::to_string(distance.ratio) + " and a KL of " + std::to_string(distance.kl);
}

/// Moves the allowance away from the limit, or towards it, and closes in on where the whole network just keeps it.
class Search {
 public:
  Search(const std::vector<Menu>& menus, const snn::NetworkParts& network, const std::vector<SourceDistance>& judges,
         const AllocationGoal& goal)
      : menus_(menus), network_(network), judges_(judges), goal_(goal) {}

  /// @return  nothing where even the finest codes do not keep the limit
  [[nodiscard]] std::optional<AllocationRecord> run(const AllocationProgress& progress) const {
    const Distance floor = largest_distance(judges_, network_, network_.plan);
    std::optional<AllocationRecord> best;
    if (kept(floor, goal_)) {
      best = recorded(menus_, finest_choice());
      best->distance = floor;
    }
    double allowance = std::max(std::log(goal_.max_ratio) - floor.kl, 0.0);
    double good = 0.0, bad = std::numeric_limits<double>::infinity();
    for (int round = 0; round < kMostRounds && best; ++round) {
      if (progress) progress("verifying choice " + std::to_string(round + 1), round, kMostRounds);
      AllocationRecord trial = recorded(menus_, cheapest_within(menus_, goal_, allowance));
      const bool known = trial.sites == best->sites;
      if (!known) trial.distance = largest_distance(judges_, network_, with_codes(network_.plan, trial));
      const bool keeps = known || kept(trial.distance, goal_);
      if (keeps && !known) best = trial;
      (keeps ? good : bad) = allowance;
      if (bad <= good * kClose || allowance == 0.0) break;
      const bool between = good > 0.0 && std::isfinite(bad);
      allowance = between ? std::sqrt(good * bad) : allowance * (keeps ? kStride : 1.0 / kStride);
    }
    return best;
  }

 private:
  [[nodiscard]] Choice finest_choice() const {
    Choice choice;
    for (const Menu& menu : menus_) choice.push_back(menu.alternatives.size() - 1);
    return choice;
  }

  const std::vector<Menu>& menus_;
  const snn::NetworkParts& network_;
  const std::vector<SourceDistance>& judges_;
  const AllocationGoal& goal_;
};

}  // namespace

Allocation allocate(const model::TextReader& source, const snn::NetworkParts& network, const AllocationGoal& goal,
                    const std::vector<TextSamples>& texts, const AllocationProgress& progress) {
  const snn::Plan& finest = network.plan;
  const at::NoGradGuard no_gradients;
  Samples measuring;
  std::vector<SourceDistance> judges;
  std::string origins;
  for (const TextSamples& text : texts) {
    const std::size_t third = text.samples.size() / 3;
    if (third == 0) throw Error(text.origin + ": an allocation needs at least three samples", "take a longer text");
    const auto split = text.samples.begin() + static_cast<std::ptrdiff_t>(std::min(third, kMostMeasuring));
    measuring.insert(measuring.end(), text.samples.begin(), split);
    judges.emplace_back(source, TextSamples{text.origin, Samples(split, text.samples.end()), text.own});
    origins += (origins.empty() ? "" : ", ") + text.origin;
  }
  const SensitivityMeter meter(network, energy::find_energy_model(goal.energy_model), measuring);
  const std::vector<Menu> menus = measured_menus(meter, finest, goal, progress);
  std::optional<AllocationRecord> record = Search(menus, network, judges, goal).run(progress);
  Allocation allocation{finest, {}, {}};
  if (!record) {
    record = AllocationRecord{};
    record->distance = largest_distance(judges, network, finest);
    allocation.fallbacks.push_back("the finest codes are already at " + distance_text(record->distance) +
                                   ", beyond the limit: kept everywhere");
  }
  record->text = origins;
  record->measured_tokens = meter.tokens();
  for (const SourceDistance& judge : judges) record->verified_tokens += judge.tokens();
  allocation.plan = with_codes(finest, *record);
  allocation.record = std::move(*record);
  return allocation;
}

snn::Plan with_codes(snn::Plan plan, const AllocationRecord& record) {
  for (const AllocatedSite& site : record.sites) {
    snn::Population& population = plan.at(site.where.layer, site.where.site);
    const snn::Code& chosen = site.chosen.code;
    population.code.timesteps = chosen.timesteps;
    population.code.base = chosen.base;
    population.code.spike_budget = chosen.spike_budget;
    population.code.headroom = chosen.headroom;
    population.group = site.chosen.group;
  }
  return plan;
}

}  // namespace stac::convert
