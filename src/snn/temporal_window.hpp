// One window of neurons, timestep by timestep: what the temporal engine's projections and attention are made of.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "snn/gain_control.hpp"
#include "snn/neuron_population.hpp"
#include "stac/snn/population.hpp"
#include "stac/snn/spike_work.hpp"
#include "stac/snn/temporal_probe.hpp"

namespace stac::snn {

// Integer currents of a population of targets: what spikes bring in one timestep, and what the window has gathered.
class Currents {
 public:
  explicit Currents(std::int64_t targets) : now_(targets), sums_(targets) {}
  void add(std::int64_t target, std::int64_t weight, int sign) {
    now_[target] += sign * weight;
    ++work_.additions;
  }
  /// @param times  a spike's sign, times the step that the weights are in
  template <typename Weight>
  void add(const Weight* weights, int times) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      now_[i] += times * static_cast<std::int64_t>(weights[i]);
      ++work_.additions;
    }
  }
  /// Ends a timestep, whose spikes weigh this much.
  void gather(std::int64_t weight) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      sums_[i] += weight * now_[i];
      ++work_.weighings;
    }
    std::fill(now_.begin(), now_.end(), 0);
  }
  [[nodiscard]] std::int64_t operator[](std::int64_t target) const { return sums_[target]; }
  [[nodiscard]] std::size_t size() const { return sums_.size(); }
  [[nodiscard]] const SpikeWork& work() const { return work_; }

 private:
  std::vector<std::int64_t> now_;
  std::vector<std::int64_t> sums_;
  SpikeWork work_;
};

// What a probe is told of one row's windows; nothing without a probe.
class Watch {
 public:
  Watch(TemporalProbe* probe, WindowPlace row) : probe_(probe), row_(row) {}

  [[nodiscard]] bool is_on() const { return probe_ != nullptr; }
  void gain(const GroupGain& gain) const {
    if (probe_ != nullptr) probe_->gain(at(gain.first), gain.count, gain.scale);
  }
  void spike(std::int64_t neuron, int t, int sign) const {
    if (probe_ != nullptr) probe_->spike(at(neuron), t, sign);
  }
  void membrane(std::int64_t neuron, int t, double before, double after, double level) const {
    probe_->membrane(at(neuron), t, before, after, level);
  }

 private:
  [[nodiscard]] WindowPlace at(std::int64_t neuron) const {
    WindowPlace place = row_;
    place.neuron = neuron;
    return place;
  }

  TemporalProbe* probe_;
  WindowPlace row_;
};

// One window of the neurons of one group.
struct Window {
  std::uint64_t spikes = 0;
  std::uint64_t silent = 0;
  std::uint64_t saturated = 0;
  SpikeWork work;

  template <typename OnSpike>
  Window(const Code& code, const float* membranes, const GroupGain& gain, Currents& currents, const Watch& watch,
         OnSpike on_spike) {
    watch.gain(gain);
    NeuronPopulation neurons(code, membranes + gain.first, gain.count, gain.scale);
    for (int t = 0; t < speaking_timesteps(code); ++t) {
      const std::vector<double> charges = watch.is_on() ? neurons.next_charges() : std::vector<double>();
      const double level = neurons.next_level();
      neurons.advance([&](std::int64_t j, int sign) {
        on_spike(gain.first + j, sign);
        watch.spike(gain.first + j, t, sign);
      });
      for (std::size_t j = 0; j < charges.size(); ++j) {
        const auto neuron = static_cast<std::int64_t>(j);
        watch.membrane(gain.first + neuron, t, charges[j], neurons.potential(neuron), level);
      }
      currents.gather(spike_weight(code, t) * gain.multiplier);
    }
    spikes = neurons.spikes();
    silent = neurons.silent();
    saturated = neurons.saturated();
    work = neurons.work();
  }
};

// What it takes to measure one row's membranes in integer steps of its groups.
inline SpikeWork encoding_work(const Population& population, std::int64_t n, const RowGains& gains) {
  SpikeWork work;
  const auto membranes = static_cast<std::uint64_t>(n);
  if (!population.profile.empty()) work.profile_scalings = membranes;
  if (!population.full_scale.empty()) return work;  // neurons hold their thresholds
  work.maxima = membranes;
  work.gains = gains.groups.size();
  work.scalings = membranes;
  work.trials = membranes * static_cast<std::uint64_t>(gains_tried(population));
  return work;
}

// What comes once per row and group of several: each target's current of the group times the group's gain.
inline std::uint64_t group_scalings(const RowGains& gains, const Currents& currents) {
  return gains.groups.size() > 1 ? gains.groups.size() * currents.size() : 0;
}

}  // namespace stac::snn
