#include "stac/torchscript/network_module.hpp"

#include <torch/csrc/jit/serialization/export.h>

#include <cstddef>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "snn/code_table.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/snn/folding.hpp"
#include "torchscript/attributes.hpp"
#include "torchscript/block_module.hpp"
#include "torchscript/membrane_source.hpp"
#include "torchscript/projection_module.hpp"

namespace stac::torchscript {

namespace {

constexpr const char* kMembraneFormat = "membrane_format";
constexpr const char* kCacheFormat = "cache_format";

constexpr const char* kBegin = R"SCRIPT(
def shown(self, ids: Tensor, cached: int, attention_mask: Optional[Tensor]) -> Tensor:
    length = cached + ids.size(1)
    if attention_mask is None:
        return torch.ones([ids.size(0), length], device=ids.device).long()
    mask = attention_mask.long()
    assert mask.size(0) == ids.size(0) and mask.size(1) == length, "attention_mask must be [batch, cached + new tokens]"
    inside = (mask.narrow(1, 1, length - 1) < mask.narrow(1, 0, length - 1)).any()
    assert not bool(inside), "attention_mask: padding stands inside the text: pad at the left"
    return mask

def embedded(self, ids: Tensor, positions: Tensor) -> Tensor:
    outside = (ids < 0) | (ids >= self.vocab_size)
    assert not bool(outside.any()), "a token id is outside the vocabulary"
    assert int(positions.max()) < self.max_positions, "the text is longer than the model's positions: drop some of it"
    rows = self.token_embedding[ids]
    if self.learned_positions:
        rows = rows + self.position_embedding[positions]
    return rows

def forward(self, input_ids: Tensor, past: Optional[List[Tuple[Tensor, Tensor]]] = None,
            attention_mask: Optional[Tensor] = None) -> Tuple[Tensor, List[Tuple[Tensor, Tensor]], Tensor]:
    assert input_ids.dim() == 2 and input_ids.numel() > 0, "input_ids must be [batch, new tokens], at least one"
    none = torch.zeros([input_ids.size(0), self.kv_heads, 0, self.head_dim], device=input_ids.device).int()
    memory: List[Tuple[Tensor, Tensor]] = []
    if past is not None:
        memory = past
    cached = 0
    if len(memory) > 0:
        assert len(memory) == self.layers, "past must hold a pair of keys and values per layer"
        cached = memory[0][0].size(2)
    mask = self.shown(input_ids, cached, attention_mask)
    starts = mask.size(1) - mask.sum(1)
    new = input_ids.size(1)
    positions = (mask.cumsum(1) - 1).clamp(min=0).narrow(1, cached, new)
    counted = mask.narrow(1, cached, new)
    hidden = self.stored(self.embedded(input_ids, positions))
    cosines = hidden
    sines = hidden
    if not self.learned_positions:
        cosines = self.cosines[positions]
        sines = self.sines[positions]
    present: List[Tuple[Tensor, Tensor]] = []
    spikes: List[Tensor] = []
    keys, values = none, none
)SCRIPT";

// The layers follow one another in the text: a module defined from source cannot loop over its submodules.
std::string layer_source(std::int64_t layer) {
  const std::string n = std::to_string(layer);
  return "    keys, values = none, none\n"
         "    if cached > 0:\n"
         "        keys, values = memory[" +
         n +
         "]\n"
         "    hidden, keys, values, counts = self.layer" +
         n +
         ".forward(hidden, keys, values, counted, starts, cosines, sines)\n"
         "    present.append((keys, values))\n"
         "    spikes.append(counts)\n";
}

constexpr const char* kEnd = R"SCRIPT(
    logits, head_spikes = self.head.forward(self.stored(self.normalised(hidden)), counted)
    if self.logit_scale != 1.0:
        logits = logits * self.logit_scale
    spikes.append(torch.constant_pad_nd(head_spikes.reshape([1]), [self.sites - 1, 0]))
    return logits, present, torch.stack(spikes)
)SCRIPT";

std::string source(std::int64_t layers) {
  std::string text = kBegin;
  for (std::int64_t layer = 0; layer < layers; ++layer) text += layer_source(layer);
  return text + (kEnd + 1);  // its first line break would end the function's body
}

void add_positions(torch::jit::Module& module, const snn::NetworkParts& network) {
  const model::TransformerConfig& config = network.config;
  add(module, "learned_positions", !config.rotary.has_value());
  if (!config.rotary) {
    module.register_buffer("position_embedding", network.weights->position_embedding.contiguous());
    module.register_buffer("cosines", at::empty({0}));
    module.register_buffer("sines", at::empty({0}));
    return;
  }
  const std::int64_t pairs = config.head_dim / 2;
  const at::Tensor cosines = at::empty({config.max_positions, pairs});
  const at::Tensor sines = at::empty({config.max_positions, pairs});
  const model::Rotation rotation(*config.rotary, config.head_dim, config.max_positions);
  for (std::int64_t position = 0; position < config.max_positions; ++position) {
    rotation.at(position, cosines.data_ptr<float>() + position * pairs, sines.data_ptr<float>() + position * pairs);
  }
  module.register_buffer("position_embedding", at::empty({0}));
  module.register_buffer("cosines", cosines);
  module.register_buffer("sines", sines);
}

}  // namespace

void require_exportable(const model::TransformerConfig& config) {
  if (!config.rotary || config.rotary->scaling != model::RopeScaling::dynamic) return;
  throw Error("the model's rotary positions are of the dynamic kind, which a TorchScript module does not have here",
              "every token beyond the original context turns all of them again: run it with this library's engines");
}

void require_exportable(const snn::Code& code) {
  if (!snn::says_nearest_integer(code) || snn::full_scale(code) < snn::kLargestTable) return;
  throw Error(snn::code_text(code) + ": says more levels than a TorchScript module has a table for",
              "export at fewer timesteps: 19 of base 2, 12 of base 3 at most");
}

torch::jit::Module network_module(const snn::NetworkParts& network) {
  const model::TransformerConfig& config = network.config;
  require_exportable(config);
  snn::for_each_site(config.layers, [&](std::int64_t layer, snn::Site site) {
    require_exportable(network.plan.at(layer, site).code);
  });
  torch::jit::Module module("SpikingTransformer");
  module.register_buffer("token_embedding", network.weights->token_embedding.contiguous());
  add_positions(module, network);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    module.register_module("layer" + std::to_string(layer), block_module(network, layer));
  }
  module.register_module("head",
                         projection_module("Head", snn::fold_head(network.quantized, *network.weights, network.plan)));
  add(module, "layers", config.layers);
  add(module, "vocab_size", config.vocab_size);
  add(module, "max_positions", config.max_positions);
  add(module, "kv_heads", config.kv_heads);
  add(module, "head_dim", config.head_dim);
  add(module, "logit_scale", config.logit_scale);
  add(module, "sites", static_cast<std::int64_t>(snn::kSites.size()));
  add(module, kMembraneFormat, std::string(model::format_name(config.storage.membranes)));
  add(module, kCacheFormat, std::string(model::format_name(config.storage.cache)));
  define_storage(module, config.storage.membranes);
  define_norm(module, config);
  module.define(source(config.layers));
  module.eval();
  return module;
}

model::Storage storage_of(const torch::jit::Module& module) {
  if (!module.hasattr(kMembraneFormat) && !module.hasattr(kCacheFormat)) return {};
  try {
    return {model::parse_membrane_format(module.attr(kMembraneFormat).toStringRef()),
            model::parse_cache_format(module.attr(kCacheFormat).toStringRef())};
  } catch (const std::exception&) {
    throw Error(std::string("the module's ") + kMembraneFormat + " and " + kCacheFormat + " say no storage there is",
                "write it again: stac-convert --torchscript FILE");
  }
}

torch::jit::Module saved_and_opened(const torch::jit::Module& module) {
  std::stringstream file;
  module.save(file);
  return torch::jit::load(file);
}

torch::jit::Module open_module(const std::filesystem::path& file) {
  try {
    return torch::jit::load(file.string());
  } catch (const c10::Error& failure) {
    throw Error(file.string() + ": is no TorchScript file that LibTorch can open: " + failure.what_without_backtrace(),
                "write one: stac-convert --torchscript FILE");
  }
}

void save_module(const torch::jit::Module& module, const std::filesystem::path& file) {
  io::AtomicFile output(file);
  torch::jit::ExportModule(module, [&](const void* bytes, std::size_t count) {
    output.write(std::span(static_cast<const std::byte*>(bytes), count));
    return count;
  });
  output.publish();
}

}  // namespace stac::torchscript
