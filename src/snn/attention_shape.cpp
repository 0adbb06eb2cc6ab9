#include "stac/snn/attention_shape.hpp"

#include <algorithm>
#include <vector>

#include "stac/snn/folding.hpp"

namespace stac::snn {

namespace {

// A layer's query population with static thresholds has one full scale per head.
std::vector<Population> one_per_head(const Population& queries, std::int64_t heads) {
  std::vector<Population> result(heads, queries);
  for (std::int64_t head = 0; head < heads && !queries.full_scale.empty(); ++head) {
    result[head].full_scale = {queries.full_scale.at(head)};
  }
  return result;
}

// Of a cached integer, its sign apart: what fits two bytes beside it where the format has two. Bytes are rounded from
// as many.
int bits_of(model::CacheFormat format) { return format == model::CacheFormat::f32 ? 30 : 15; }

std::vector<int> key_exponents(const model::TransformerConfig& config, const SpikingLinear& qkv, int bits) {
  const std::int64_t first = config.heads * config.head_dim;
  if (!config.rotary) return head_exponents(qkv, first, config.kv_heads, config.head_dim, bits);
  return turned_head_exponents(qkv, first, config.kv_heads, config.head_dim, bits, config.rotary->amplitude);
}

}  // namespace

AttentionShape attention_shape(const model::TransformerConfig& config, std::int64_t layer, const Plan& plan,
                               const SpikingLinear& qkv) {
  const Population& queries = plan.at(layer, Site::scores);
  const Population& mix = plan.at(layer, Site::mix);
  const std::int64_t query_width = config.heads * config.head_dim;
  const std::int64_t key_width = config.kv_heads * config.head_dim;
  const int value_bits =
      std::min(bits_of(config.storage.cache), exact_bits(config.max_positions, largest_contribution(mix)));
  const int key_bits = std::min(bits_of(config.storage.cache), exact_bits(config.head_dim, full_scale(queries.code)));
  return {layer,
          config.heads,
          config.kv_heads,
          config.head_dim,
          config.attention_scale(layer),
          key_exponents(config, qkv, key_bits),
          head_exponents(qkv, query_width + key_width, config.kv_heads, config.head_dim, value_bits),
          key_bits,
          value_bits,
          config.storage.cache == model::CacheFormat::int8,
          one_per_head(queries, config.heads),
          mix,
          config.keys_seen(layer)};
}

}  // namespace stac::snn
