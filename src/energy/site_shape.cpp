#include "stac/energy/site_shape.hpp"

#include <algorithm>
#include <numeric>

namespace stac::energy {
namespace {

using snn::Site;

std::uint64_t whole(std::int64_t number) { return static_cast<std::uint64_t>(number); }

/// Calls `visit(keys that the token sees)` for every token of every text.
template <typename Visit>
void for_tokens(const model::TransformerConfig& config, std::int64_t layer, const TextsRead& texts, Visit visit) {
  const std::int64_t most = config.keys_seen(layer);
  for (const std::int64_t length : texts.lengths) {
    for (std::int64_t position = 0; position < length; ++position) visit(std::min(position + 1, most));
  }
}

/// Rows of so many inputs and outputs.
void add_rows(SiteShape& shape, std::uint64_t rows, std::uint64_t inputs, std::uint64_t outputs, std::uint64_t groups) {
  shape.rows += rows;
  shape.neurons += rows * inputs;
  shape.targets += rows * outputs;
  shape.macs += rows * inputs * outputs;
  shape.groups += rows * groups;
  shape.targets_of_groups += rows * outputs * groups;
  if (groups > 1) shape.targets_of_several += rows * outputs * groups;
}

}  // namespace

std::uint64_t TextsRead::tokens() const {
  return whole(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0}));
}

std::uint64_t TextsRead::longest() const {
  return lengths.empty() ? 0 : whole(*std::max_element(lengths.begin(), lengths.end()));
}

std::int64_t inputs_of(const model::TransformerConfig& config, Site site) {
  if (site == Site::attention_output) return config.heads * config.head_dim;
  return site == Site::down ? config.intermediate_size : config.hidden_size;
}

std::int64_t outputs_of(const model::TransformerConfig& config, Site site) {
  if (site == Site::query_key_value) return (config.heads + 2 * config.kv_heads) * config.head_dim;
  if (site == Site::up) return (config.gated_mlp ? 2 : 1) * config.intermediate_size;
  return site == Site::head ? config.vocab_size : config.hidden_size;
}

std::uint64_t keys_seen(const model::TransformerConfig& config, std::int64_t layer, const TextsRead& texts) {
  std::uint64_t keys = 0;
  for_tokens(config, layer, texts, [&](std::int64_t seen) { keys += whole(seen); });
  return keys;
}

SiteShape site_shape(const model::TransformerConfig& config, snn::SiteId where, const snn::Population& population,
                     const TextsRead& texts) {
  SiteShape shape;
  const std::uint64_t heads = whole(config.heads), width = whole(config.head_dim);
  if (where.site == Site::scores) {
    for_tokens(config, where.layer, texts, [&](std::int64_t seen) { add_rows(shape, heads, width, whole(seen), 1); });
  } else if (where.site == Site::mix) {
    for_tokens(config, where.layer, texts, [&](std::int64_t seen) {
      add_rows(shape, heads, whole(seen), width, whole(snn::group_count(population, seen)));
    });
  } else {
    const std::int64_t inputs = inputs_of(config, where.site);
    add_rows(shape, texts.tokens(), whole(inputs), whole(outputs_of(config, where.site)),
             whole(snn::group_count(population, inputs)));
  }
  return shape;
}

}  // namespace stac::energy
