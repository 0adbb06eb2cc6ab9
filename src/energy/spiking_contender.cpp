#include <bit>

#include "energy/bill.hpp"
#include "energy/resident_bytes.hpp"
#include "stac/energy/non_spiking.hpp"

namespace stac::energy {
namespace {

using snn::Site;
using snn::SiteId;
using snn::SpikeWork;

constexpr std::uint64_t kWord = 4;   ///< bytes of a membrane, a current, a bias, a scale
constexpr std::uint64_t kEvent = 4;  ///< bytes of a spike: its address, timestep and sign

bool is_attention(Site site) { return site == Site::scores || site == Site::mix; }

/// What v <- lambda v + drive takes. A phase code's drive comes once, with the window's first charge.
OperationCounts update_of(const snn::Code& code, const std::string& type) {
  if (code.kind == snn::CodeKind::rate) return {{type + "_add", 1}};
  if (code.kind == snn::CodeKind::lif) return {{type + "_multiply", 1}, {type + "_add", 1}};
  if (code.base == 2) return {{"int32_shift", 1}};
  return {{"int32_shift", 1}, {type + "_add", 1}};
}

/// What joining a timestep's current to the window's sum takes: sum <- b sum + current.
OperationCounts weighing_of(const snn::Code& code, const std::string& type) {
  if (code.kind == snn::CodeKind::rate) return {{type + "_add", 1}};
  OperationCounts counts = update_of(code, type);
  counts[type + "_add"] += code.kind == snn::CodeKind::lif ? 0 : 1;
  return counts;
}

/// What a current times its group's gain takes: in integers a shifted addition for every bit of the largest gain.
OperationCounts gain_of(const snn::Population& population, const std::string& type) {
  if (type == "f32") return {{"f32_multiply", 1}};
  const std::int64_t largest = snn::largest_contribution(population) / snn::full_scale(population.code);
  return {{"int32_add", static_cast<std::uint64_t>(std::bit_width(static_cast<std::uint64_t>(largest))) - 1}};
}

void add_times(Bill& bill, Part part, const OperationCounts& each, std::uint64_t times) {
  for (const auto& [operation, count] : each) bill.add(part, operation, count * times);
}

class SpikingBill {
 public:
  SpikingBill(const EnergyModel& model, const SpikingRun& run)
      : model_(model), run_(run), bill_(model), resident_(resident_numbers(run.config, run.texts)) {}

  [[nodiscard]] Contender contender() {
    snn::for_each_site(run_.config.layers, [&](std::int64_t layer, Site site) {
      const SiteId where{layer, site};
      const SpikeWork work = site_work(run_, where);
      add_site(where, work);
      if (!model_.is_neuromorphic()) add_traffic(where, work);
    });
    const std::uint64_t undriven = run_.ledger.demanded_macs() - run_.ledger.total().macs;
    bill_.add(Part::products, {{"f32_multiply", undriven}, {"f32_add", undriven}});
    const std::uint64_t cached = cached_numbers(run_.config, run_.texts);
    bill_.add(Part::encoding, "int32_shift", cached);
    if (in_bytes()) {  // a key's largest makes its step, by which its numbers are divided; a value's are shifted
      const std::uint64_t keys = cached / 2;
      bill_.add(Part::encoding,
                {{"int32_compare", cached}, {"f32_divide", keys + keys / head_dim()}, {"int32_shift", cached - keys}});
    }
    for (const auto& [what, counts] : non_spiking(run_.config, run_.texts)) bill_.add(Part::non_spiking, counts);
    if (!model_.is_neuromorphic()) {
      bill_.move(Part::cache, cache_bytes(cached, cached / head_dim()), resident_cache());
    }
    return bill_.contender("spikes");
  }

  [[nodiscard]] double compute_of(SiteId where) {
    add_site(where, site_work(run_, where));
    return bill_.contender("a site").with_memory();  // of which nothing was added
  }

 private:
  void add_site(SiteId where, const SpikeWork& work) {
    const snn::Population& population = run_.plan.at(where.layer, where.site);
    const snn::Code& code = population.code;
    const std::string type = run_.int8_weights && !is_attention(where.site) ? "int32" : "f32";
    bill_.add(Part::encoding, {{"int32_compare", work.maxima},
                               {"f32_divide", work.gains + work.trials},
                               {"f32_multiply", work.scalings + work.profile_scalings + 2 * work.trials},
                               {"f32_add", 3 * work.trials}});
    add_times(bill_, Part::currents, gain_of(population, type), work.group_scalings);
    bill_.add(Part::currents, {{"f32_multiply", work.read_outs}, {"f32_add", work.read_outs}});
    if (in_bytes() && where.site == Site::scores) bill_.add(Part::currents, "f32_multiply", work.read_outs);
    if (in_bytes() && where.site == Site::mix) bill_.add(Part::currents, "int32_shift", work.weights_read);
    if (model_.is_neuromorphic()) return add_on_chip(where, work);
    bill_.add(Part::products, type + "_add", work.additions);
    add_times(bill_, Part::neurons, update_of(code, type), work.membrane_updates);
    bill_.add(Part::neurons, {{"int32_compare", work.comparisons}, {type + "_add", work.resets}});
    add_times(bill_, Part::currents, weighing_of(code, type), work.weighings);
  }

  void add_on_chip(SiteId where, const SpikeWork& work) {
    const snn::SiteCounts& counts = run_.ledger.counts(where.layer, where.site);
    const auto timesteps =
        static_cast<std::uint64_t>(snn::speaking_timesteps(run_.plan.at(where.layer, where.site).code));
    bill_.add(Part::products, "synaptic_operation", work.additions);
    bill_.add(Part::neurons, {{"neuron_update_active", timesteps * (counts.windows - counts.silent)},
                              {"neuron_update_inactive", timesteps * counts.silent}});
    bill_.add(Part::currents, "neuron_update_active", work.weighings);
    bill_.add(Part::spikes, {{"spike_delivery", counts.spikes}, {"spike_hop", counts.spikes}});
  }

  void add_traffic(SiteId where, const SpikeWork& work) {
    const std::uint64_t row = resident_.row * kWord;
    if (is_attention(where.site)) {
      const std::uint64_t steps = where.site == Site::scores ? work.read_outs : work.weights_read / head_dim();
      bill_.move(Part::cache, cache_bytes(work.weights_read, steps), resident_cache());
    } else {
      const std::uint64_t bytes = run_.int8_weights ? 1 : kWord;
      const std::uint64_t beside = (run_.int8_weights ? 2 : 1) * kWord;  // each output's bias, and its scale
      bill_.move(Part::weights, work.weights_read * bytes + work.read_outs * beside, resident_.weights * bytes);
    }
    bill_.move(Part::spikes, 2 * kEvent * run_.ledger.counts(where.layer, where.site).spikes, row);
    bill_.move(Part::membranes, 2 * kWord * (work.membrane_updates + work.weighings), row);
    bill_.move(Part::activations, kWord * (run_.ledger.counts(where.layer, where.site).windows + work.read_outs), row);
  }

  [[nodiscard]] bool in_bytes() const { return run_.config.storage.cache == model::CacheFormat::int8; }
  [[nodiscard]] std::uint64_t head_dim() const { return static_cast<std::uint64_t>(run_.config.head_dim); }

  /// @param steps  of heads' keys and values, which bytes have beside them, in two bytes each
  [[nodiscard]] std::uint64_t cache_bytes(std::uint64_t numbers, std::uint64_t steps) const {
    if (in_bytes()) return numbers + 2 * steps;
    return numbers * (run_.config.storage.cache == model::CacheFormat::f32 ? 4 : 2);
  }
  [[nodiscard]] std::uint64_t resident_cache() const {
    return cache_bytes(resident_.cache, resident_.cache / head_dim());
  }

  const EnergyModel& model_;
  const SpikingRun& run_;
  Bill bill_;
  Resident resident_;
};

}  // namespace

double site_compute(const EnergyModel& model, const SpikingRun& run, SiteId where) {
  return SpikingBill(model, run).compute_of(where);
}

Contender spiking_contender(const EnergyModel& model, const SpikingRun& run) {
  return SpikingBill(model, run).contender();
}

}  // namespace stac::energy
