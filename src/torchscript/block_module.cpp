#include "torchscript/block_module.hpp"

#include "stac/snn/attention_shape.hpp"
#include "stac/snn/folding.hpp"
#include "torchscript/attention_module.hpp"
#include "torchscript/attributes.hpp"
#include "torchscript/membrane_source.hpp"
#include "torchscript/projection_module.hpp"

namespace stac::torchscript {

namespace {

constexpr const char* kSource = R"SCRIPT(
def heads_of(self, rows: Tensor, heads: int) -> Tensor:
    return rows.reshape([rows.size(0), rows.size(1), heads, self.head_dim]).transpose(1, 2)

def turn(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    if not self.rotary:
        return x
    pairs = self.head_dim // 2
    first = x.narrow(-1, 0, pairs)
    second = x.narrow(-1, pairs, pairs)
    cosine = cosines.unsqueeze(1)
    sine = sines.unsqueeze(1)
    return self.stored(torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1))

def forward(self, hidden: Tensor, past_keys: Tensor, past_values: Tensor, counted: Tensor, starts: Tensor,
            cosines: Tensor, sines: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    rows, qkv_spikes = self.query_key_value.forward(self.stored(self.normalised(hidden)), counted)
    rows = self.stored(rows)
    queries = self.turn(self.heads_of(rows.narrow(-1, 0, self.query_width), self.heads), cosines, sines)
    keys = self.turn(self.heads_of(rows.narrow(-1, self.query_width, self.key_width), self.kv_heads), cosines, sines)
    values = self.heads_of(rows.narrow(-1, self.query_width + self.key_width, self.key_width), self.kv_heads)
    mixed, keys, values, query_spikes, weight_spikes = self.attention.forward(
        queries, self.cached(keys), self.cached(values), past_keys, past_values, counted, starts)
    mixed = mixed.transpose(1, 2).reshape([hidden.size(0), hidden.size(1), self.query_width])
    update, output_spikes = self.attention_output.forward(self.stored(mixed), counted)
    hidden = self.stored(hidden + self.stored(update))
    rows, up_spikes = self.up.forward(self.stored(self.normalised(hidden)), counted)
    rows = self.stored(rows)
    inner = self.activated(rows.narrow(-1, 0, self.inner_width))
    if self.gated:
        inner = inner * rows.narrow(-1, self.inner_width, self.inner_width)
    update, down_spikes = self.down.forward(self.stored(inner), counted)
    none = torch.zeros_like(down_spikes)
    spikes = [qkv_spikes, query_spikes, weight_spikes, output_spikes, up_spikes, down_spikes, none]
    return self.stored(hidden + self.stored(update)), keys, values, torch.stack(spikes)
)SCRIPT";

}  // namespace

torch::jit::Module block_module(const snn::NetworkParts& network, std::int64_t layer) {
  const model::TransformerConfig& config = network.config;
  const model::Block weights = snn::block_behind(network.quantized, network.weights->blocks, layer);
  const std::string name = "Layer" + std::to_string(layer);
  const auto folded = [&](snn::Site site) {
    return snn::fold(network.quantized, weights, network.plan, {layer, site});
  };
  torch::jit::Module module(name);
  const snn::SpikingLinear qkv = folded(snn::Site::query_key_value);
  module.register_module("query_key_value", projection_module(name + "QueryKeyValue", qkv));
  module.register_module("attention",
                         attention_module(name + "Attention", snn::attention_shape(config, layer, network.plan, qkv),
                                          config.max_positions));
  module.register_module("attention_output",
                         projection_module(name + "AttentionOutput", folded(snn::Site::attention_output)));
  module.register_module("up", projection_module(name + "Up", folded(snn::Site::up)));
  module.register_module("down", projection_module(name + "Down", folded(snn::Site::down)));
  add(module, "heads", config.heads);
  add(module, "kv_heads", config.kv_heads);
  add(module, "head_dim", config.head_dim);
  add(module, "query_width", config.heads * config.head_dim);
  add(module, "key_width", config.kv_heads * config.head_dim);
  add(module, "inner_width", config.intermediate_size);
  add(module, "rotary", config.rotary.has_value());
  add(module, "gated", config.gated_mlp);
  define_storage(module, config.storage.membranes);
  define_cache(module, config.storage.cache);
  define_norm(module, config);
  define_activation(module, config.activation);
  module.define(kSource);
  return module;
}

}  // namespace stac::torchscript
