// What one way of computing the same model on the same text would cost: spikes, or dense arithmetic of some type.
// Which operation and which byte is counted where: docs/energy.md.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stac/energy/energy_model.hpp"
#include "stac/energy/site_shape.hpp"
#include "stac/energy/spike_work.hpp"
#include "stac/model/config.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"

namespace stac::energy {

/// What an energy is spent on. Those behind `non_spiking` are memory traffic.
enum class Part {
  products,     ///< multiply-accumulates; of spikes the additions: SynOps
  neurons,      ///< membrane updates, comparisons, resets
  encoding,     ///< row maxima, scales, rounding to the grid
  currents,     ///< weighing by timestep, gains of groups, scales and biases of outputs
  non_spiking,  ///< norms, softmax, activation, gate, rotary positions, residual adds
  weights,
  cache,  ///< keys and values
  spikes,
  membranes,
  activations
};
inline constexpr Part kParts[] = {Part::products, Part::neurons, Part::encoding, Part::currents,  Part::non_spiking,
                                  Part::weights,  Part::cache,   Part::spikes,   Part::membranes, Part::activations};

[[nodiscard]] std::string part_name(Part part);
[[nodiscard]] bool is_memory(Part part);

struct Line {
  Part part = Part::products;
  std::string what;         ///< an operation of the energy model, or a memory
  std::uint64_t count = 0;  ///< operations, or bytes
  double picojoules = 0.0;  ///< of all of them
};

struct Contender {
  std::string name;  ///< "dense int8"
  std::vector<Line> lines;

  [[nodiscard]] double of(Part part) const;
  /// Multiply-accumulates alone; of spikes SynOps alone.
  [[nodiscard]] double products() const { return of(Part::products); }
  /// Without memory traffic.
  [[nodiscard]] double compute() const;
  [[nodiscard]] double with_memory() const;
};

/// What a spiking model did. Borrowed.
struct SpikingRun {
  const model::TransformerConfig& config;
  const snn::Plan& plan;
  const snn::Ledger& ledger;
  const TextsRead& texts;
  bool int8_weights = false;  ///< projections then add integers; attention adds f32-like, whatever the cache has
};

/// One site's operations. @throws std::logic_error  the ledger is not that of these texts
[[nodiscard]] snn::SpikeWork site_work(const SpikingRun& run, snn::SiteId where);

/// What one site computes, in picojoules: its products, neurons, encoding and currents, on a neuromorphic chip its
/// spikes' delivery, too; without memory traffic.
/// @throws stac::Error  the energy model lacks a figure
[[nodiscard]] double site_compute(const EnergyModel& model, const SpikingRun& run, snn::SiteId where);

/// @throws stac::Error  the energy model lacks a figure
[[nodiscard]] Contender spiking_contender(const EnergyModel& model, const SpikingRun& run);

enum class DenseType { f32, f16, bf16, int8 };

[[nodiscard]] std::string dense_name(DenseType type);

/// Whether the model has figures for it.
[[nodiscard]] bool can_price(const EnergyModel& model, DenseType type);

/// Every product dense.
[[nodiscard]] Contender dense_contender(const EnergyModel& model, DenseType type, const SpikingRun& run);

/// Multiply-accumulates of inputs that int8 does not round to zero, site by site.
using KeptMacs = std::map<snn::SiteId, std::uint64_t>;

/// int8 that multiplies, and reads the weights of, inputs other than zero alone.
[[nodiscard]] Contender zero_skipping_contender(const EnergyModel& model, const SpikingRun& run, const KeptMacs& kept);

}  // namespace stac::energy
