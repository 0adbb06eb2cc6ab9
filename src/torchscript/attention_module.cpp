#include "torchscript/attention_module.hpp"

#include <cmath>

#include "torchscript/attributes.hpp"
#include "torchscript/exact_product.hpp"
#include "torchscript/population_module.hpp"

namespace stac::torchscript {

namespace {

constexpr const char* kSource = R"SCRIPT(
def on_grid(self, x: Tensor, grid: Tensor, limit: float) -> Tensor:
    return torch.round(x.double() * grid).clamp(-limit, limit)

def in_steps(self, mantissas: Tensor, step: Tensor) -> Tensor:
    return torch.round(mantissas / step).clamp(-127.0, 127.0) * step

def kept_keys(self, x: Tensor) -> Tensor:
    mantissas = self.on_grid(x, self.key_grid, self.key_limit)
    if self.in_bytes:
        largest = mantissas.abs().amax([-1], keepdim=True)
        mantissas = self.in_steps(mantissas, torch.ceil(2.0 * largest / 255.0).clamp(min=1.0))
    return mantissas.int()

def kept_values(self, x: Tensor) -> Tensor:
    mantissas = self.on_grid(x, self.value_grid, self.value_limit)
    if self.in_bytes:
        largest = mantissas.abs().amax([-1], keepdim=True)
        step = torch.ones_like(largest)
        for _ in range(8):
            step = torch.where(largest >= 128.0 * step, 2.0 * step, step)
        mantissas = self.in_steps(mantissas, step)
    return mantissas.int()

def visible(self, query: Tensor, key: Tensor, first: Tensor) -> Tensor:
    return (key.view([1, 1, -1]) <= query.view([1, -1, 1])) & (key.view([1, 1, -1]) >= first.unsqueeze(-1))

def speak_weights(self, weights: Tensor, key: Tensor, first: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    if not self.has_groups:
        return self.weights.speak(weights)
    # A row's groups begin at the first key that it sees.
    length = weights.size(3)
    there = key.view([1, 1, -1]) + first.unsqueeze(-1)
    inside = (there < length).unsqueeze(1)
    there = there.clamp(max=length - 1).unsqueeze(1).expand_as(weights)
    aligned = torch.where(inside, weights.gather(3, there), torch.zeros_like(weights))
    codes, unit, spikes = self.weights.speak(aligned)
    back = key.view([1, 1, -1]) - first.unsqueeze(-1)
    inside = (back >= 0).unsqueeze(1)
    back = back.clamp(min=0).unsqueeze(1).expand_as(weights)
    return torch.where(inside, codes.gather(3, back), torch.zeros_like(codes)), unit, spikes

def forward(self, queries: Tensor, keys: Tensor, values: Tensor, past_keys: Tensor, past_values: Tensor,
            counted: Tensor, starts: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    keys = torch.cat([past_keys, self.kept_keys(keys)], 2)
    values = torch.cat([past_values, self.kept_values(values)], 2)
    length = keys.size(2)
    key = torch.arange(length, device=keys.device)
    query = key.narrow(0, past_keys.size(2), length - past_keys.size(2))
    first = starts.unsqueeze(1).expand([starts.size(0), query.size(0)])
    if self.window > 0:
        first = torch.maximum(first, (query + 1 - self.window).unsqueeze(0))
    visible = self.visible(query, key, first).unsqueeze(1)

    codes, unit, query_spikes = self.queries.speak(queries)
    sums = self.score.product(codes, torch.repeat_interleave(keys, self.sharing, 1).transpose(2, 3))
    scores = (sums * (unit * self.key_unit * self.scale)).float()
    scores = torch.where(visible, scores, torch.full_like(scores, -1e38))
    largest = scores.amax([-1], keepdim=True)
    weights = torch.exp((scores - largest).double()).float()
    weights = torch.where(visible, weights, torch.zeros_like(weights))
    total = weights.double().sum([-1], keepdim=True)
    codes, unit, weight_spikes = self.speak_weights(weights, key, first)
    sums = self.mix.product(codes, torch.repeat_interleave(values, self.sharing, 1))
    total = torch.where(total == 0, torch.ones_like(total), total)
    mixed = (sums * (unit * self.value_unit / total)).float()
    rows = counted.unsqueeze(1)
    return mixed, keys, values, (query_spikes * rows).sum(), (weight_spikes * rows).sum()
)SCRIPT";

/// 2^exponent of each kv head, in a shape that broadcasts to [batch, heads, rows, channels].
at::Tensor powers(const std::vector<int>& exponents, int sign, std::int64_t sharing) {
  std::vector<double> values;
  for (const int exponent : exponents) values.insert(values.end(), sharing, std::ldexp(1.0, sign * exponent));
  return at::tensor(values, at::kDouble).view({1, -1, 1, 1});
}

at::Tensor query_full_scales(const snn::AttentionShape& shape) {
  if (shape.queries.front().full_scale.empty()) return {};
  std::vector<float> values;
  for (const snn::Population& population : shape.queries) values.push_back(population.full_scale.front());
  return at::tensor(values, at::kFloat).view({1, -1, 1, 1});
}

torch::jit::Module product_module(const std::string& name, std::int64_t terms, const snn::Population& population,
                                  int bits) {
  torch::jit::Module module(name);
  define_product(module, terms, snn::largest_contribution(population), bits);
  return module;
}

double limit(int bits) { return static_cast<double>((std::int64_t{1} << bits) - 1); }

}  // namespace

torch::jit::Module attention_module(const std::string& name, const snn::AttentionShape& shape,
                                    std::int64_t max_positions) {
  snn::require_valid(shape);
  const snn::Population& queries = shape.queries.front();
  const std::int64_t sharing = shape.heads / shape.kv_heads;
  torch::jit::Module module(name);
  module.register_module("queries", population_module(name + "Queries", queries, query_full_scales(shape)));
  module.register_module("weights", population_module(name + "Weights", shape.weights, {}));
  module.register_module("score", product_module(name + "Score", shape.head_dim, queries, shape.key_bits));
  module.register_module("mix", product_module(name + "Mix", max_positions, shape.weights, shape.value_bits));
  module.register_buffer("key_grid", powers(shape.key_exponent, -1, 1));
  module.register_buffer("value_grid", powers(shape.value_exponent, -1, 1));
  module.register_buffer("key_unit", powers(shape.key_exponent, +1, sharing));
  module.register_buffer("value_unit", powers(shape.value_exponent, +1, sharing));
  add(module, "key_limit", limit(shape.key_bits));
  add(module, "value_limit", limit(shape.value_bits));
  add(module, "in_bytes", shape.in_bytes);
  add(module, "sharing", sharing);
  add(module, "window", shape.window);
  add(module, "scale", shape.scale);
  add(module, "has_groups", shape.weights.group > 0);
  module.define(kSource);
  return module;
}

}  // namespace stac::torchscript
