#include "torchscript/population_module.hpp"

#include <limits>
#include <vector>

#include "snn/code_table.hpp"
#include "snn/gain_control.hpp"
#include "torchscript/attributes.hpp"

namespace stac::torchscript {

namespace {

constexpr const char* kSource = R"SCRIPT(
def nearest(self, u: Tensor) -> Tuple[Tensor, Tensor]:
    magnitude = u.abs().clamp(max=self.whole)
    floor = magnitude.floor()
    rest = magnitude - floor
    below = floor.long()
    tie = (rest == 0.5) & torch.index_select(self.tie_goes_up, 0, below.reshape([-1])).reshape(below.shape)
    code = below + ((rest > 0.5) | tie).long()
    negative = u < 0
    if self.excitatory:
        code = torch.where(negative, torch.zeros_like(code), code)
    if self.dead_zone > 0.0:
        code = torch.where(u.abs().double() <= self.dead_zone, torch.zeros_like(code), code)
    spikes = torch.index_select(self.counts, 0, code.reshape([-1])).reshape(code.shape).long()
    if self.runs_out:
        code = torch.index_select(self.values, 0, code.reshape([-1])).reshape(code.shape).long()
    return torch.where(negative, -code, code), spikes

def window(self, u: Tensor) -> Tuple[Tensor, Tensor]:
    drive = u.double()
    drive = torch.where(drive.abs() > self.dead_zone, drive, torch.zeros_like(drive))
    potential = torch.full_like(drive, self.initial_charge)
    said = torch.zeros_like(drive).long()
    fired = torch.zeros_like(said)
    for t in range(len(self.levels)):
        potential = self.membrane_factor * potential
        if self.driven_always or t == 0:
            potential = potential + drive
        level = self.levels[t]
        up = potential > level
        down = -potential > level
        if self.fires_at_level:
            up = potential >= level
            down = -potential >= level
        spike = up.long()
        if not self.excitatory:
            spike = spike - (down & torch.logical_not(up)).long()
        spike = torch.where(fired >= self.spike_budget, torch.zeros_like(spike), spike)
        after = potential - spike.double() * self.threshold
        if self.forgets:
            after = torch.full_like(potential, self.reset_to)
        potential = torch.where(spike != 0, after, potential)
        said = said + spike * self.spike_weights[t]
        fired = fired + spike.abs()
    return said, fired

def misfit(self, grouped: Tensor, scale: Tensor) -> Tensor:
    step = torch.where(scale == 0, torch.ones_like(scale), scale).unsqueeze(-1)
    nearest = torch.round(grouped / step).clamp(-self.whole, self.whole)
    left = grouped.double() - nearest.double() * step.double()
    left = left * left
    sum = left.select(-1, 0)
    for j in range(1, left.size(-1)):
        sum = sum + left.select(-1, j)
    return sum

def fitted(self, grouped: Tensor, unit: Tensor, least: Tensor) -> Tensor:
    best = least
    best_misfit = self.misfit(grouped, unit * least)
    for trial in range(1, self.gains_tried):
        multiplier = least + torch.floor(least * float(trial) / self.tried_parts)
        misfit = self.misfit(grouped, unit * multiplier)
        best = torch.where(misfit < best_misfit, multiplier, best)
        best_misfit = torch.minimum(misfit, best_misfit)
    return best

def speak(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    channels = x.size(-1)
    if self.has_profile:
        x = x / self.profile
    width = channels
    if self.group > 0:
        width = self.group
    groups = (channels + width - 1) // width
    grouped = torch.constant_pad_nd(x, [0, groups * width - channels]).reshape(x.shape[:-1] + [groups, width])
    magnitude = grouped.abs().amax([-1])
    assert bool(torch.isfinite(magnitude).all()), "a membrane is not finite: the model overflows f32 on this input"
    if self.is_static:
        magnitude = self.full_scale.expand_as(magnitude)
    loudest = magnitude.amax([-1], keepdim=True)
    scale = loudest * self.headroom / torch.full_like(loudest, self.whole)
    scale = torch.where(scale < self.smallest_normal, torch.zeros_like(scale), scale)
    unit = scale
    multiplier = torch.ones_like(magnitude)
    if groups > 1 or self.gains_tried > 0:
        unit = scale / torch.full_like(scale, self.gain_steps)
        share = torch.ceil(self.gain_steps * (magnitude / loudest)).clamp(1.0, self.gain_steps)
        multiplier = torch.where((magnitude == 0) | (scale == 0), torch.zeros_like(share), share)
        multiplier = self.fitted(grouped, unit, multiplier)
        scale = unit * multiplier
    silent = (scale == 0).unsqueeze(-1)
    scale = scale.unsqueeze(-1)
    u = torch.where(silent, torch.zeros_like(grouped), grouped / torch.where(silent, torch.ones_like(scale), scale))
    if self.says_nearest:
        code, spikes = self.nearest(u)
    else:
        code, spikes = self.window(u)
    code = code.double() * multiplier.unsqueeze(-1).double()
    code = code.reshape(x.shape[:-1] + [groups * width]).narrow(-1, 0, channels)
    return code, unit.double(), spikes.sum([-2, -1])
)SCRIPT";

/// The code's answers to the magnitudes 0 .. full scale.
struct Tables {
  at::Tensor counts;       // uint8
  at::Tensor values;       // int32; empty where every integer says itself
  at::Tensor tie_goes_up;  // bool
};

Tables tables_of(const snn::Code& code) {
  if (!snn::says_nearest_integer(code))
    return {at::empty({0}, at::kByte), at::empty({0}, at::kInt), at::empty({0}, at::kBool)};
  const snn::CodeTable table(code);
  const std::int64_t levels = table.full_scale() + std::int64_t{1};
  const bool runs_out = code.spike_budget > 0;
  Tables tables{at::empty({levels}, at::kByte), at::empty({runs_out ? levels : 0}, at::kInt),
                at::zeros({levels}, at::kBool)};
  for (std::int32_t n = 0; n < levels; ++n) {
    const snn::Spoken spoken = table.spoken(n);
    tables.counts.data_ptr<std::uint8_t>()[n] = static_cast<std::uint8_t>(spoken.spikes);
    if (runs_out) tables.values.data_ptr<std::int32_t>()[n] = static_cast<std::int32_t>(spoken.value);
    if (n < table.full_scale()) tables.tie_goes_up.data_ptr<bool>()[n] = table.tie_goes_up(n);
  }
  return tables;
}

/// What `window` runs; empty lists where no window is run.
void add_neuron(torch::jit::Module& module, const snn::Code& code) {
  const snn::NeuronParameters neuron = snn::neuron_of(code);
  std::vector<double> levels;
  std::vector<std::int64_t> weights;
  for (int t = 0; t < snn::speaking_timesteps(code) && !snn::says_nearest_integer(code); ++t) {
    levels.push_back(snn::firing_fraction(code, t) * neuron.threshold);
    weights.push_back(snn::spike_weight(code, t));
  }
  add(module, "levels", levels);
  add(module, "spike_weights", weights);
  add(module, "membrane_factor", neuron.membrane_factor);
  add(module, "threshold", neuron.threshold);
  add(module, "initial_charge", neuron.initial_charge);
  add(module, "spike_budget", static_cast<std::int64_t>(neuron.spike_budget));
  add(module, "fires_at_level", neuron.firing == snn::Firing::reaching);
  add(module, "forgets", neuron.reset_to.has_value());
  add(module, "reset_to", neuron.reset_to.value_or(0.0));
  add(module, "driven_always", code.kind != snn::CodeKind::phase);
  add(module, "dead_zone", neuron.dead_zone);
  add(module, "excitatory", !neuron.inhibitory);
}

}  // namespace

torch::jit::Module population_module(const std::string& name, const snn::Population& population,
                                     const at::Tensor& full_scale) {
  snn::require_valid(population.code);
  torch::jit::Module module(name);
  const snn::Code& code = population.code;
  const Tables tables = tables_of(code);
  module.register_buffer("counts", tables.counts);
  module.register_buffer("values", tables.values);
  module.register_buffer("tie_goes_up", tables.tie_goes_up);
  module.register_buffer("profile", at::tensor(population.profile, at::kFloat));
  module.register_buffer("full_scale", full_scale.defined() ? full_scale : at::empty({0}));
  add(module, "has_profile", !population.profile.empty());
  add(module, "is_static", full_scale.defined());
  add(module, "runs_out", tables.values.numel() > 0);
  add(module, "says_nearest", snn::says_nearest_integer(code));
  add(module, "group", population.group);
  add(module, "whole", static_cast<double>(snn::full_scale(code)));
  add(module, "headroom", static_cast<double>(static_cast<float>(code.headroom)));
  add(module, "gain_steps", static_cast<double>(snn::gain_steps(population.code)));
  add(module, "gains_tried", static_cast<std::int64_t>(snn::gains_tried(population)));
  add(module, "tried_parts", static_cast<double>(snn::kTriedParts));
  add(module, "smallest_normal", static_cast<double>(std::numeric_limits<float>::min()));
  add_neuron(module, code);
  module.define(kSource);
  return module;
}

}  // namespace stac::torchscript
