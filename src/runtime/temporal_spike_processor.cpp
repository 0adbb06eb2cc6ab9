#include "stac/runtime/temporal_spike_processor.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "stac/error.hpp"
#include "stac/model/tensors.hpp"

namespace stac::runtime {
namespace {

at::Tensor checked_ids(const at::Tensor& ids) {
  if (!ids.defined() || ids.scalar_type() != at::kLong || !ids.device().is_cpu()) {
    throw Error("input_ids must be an int64 tensor on the CPU");
  }
  if (ids.dim() != 2 || ids.numel() == 0) {
    throw Error("input_ids must be [batch, tokens] with at least one token, not " + model::shape_text(ids.sizes()));
  }
  return ids.contiguous();
}

// How many of a row's places are padding. @param mask  int64 [S]
std::int64_t left_padding(const at::Tensor& mask, std::int64_t row) {
  const std::span<const std::int64_t> places(mask.data_ptr<std::int64_t>(), static_cast<std::size_t>(mask.numel()));
  for (const std::int64_t place : places) {
    if (place != 0 && place != 1) {
      throw Error("attention_mask holds " + std::to_string(place) + " in row " + std::to_string(row) +
                  ": only 0 and 1 mean something there");
    }
  }
  const auto first_token = std::find(places.begin(), places.end(), 1);
  if (std::find(first_token, places.end(), 0) != places.end()) {
    throw Error("attention_mask has padding after a token in row " + std::to_string(row),
                "pad on the left: a causal model reads on from the last place");
  }
  return first_token - places.begin();
}

std::vector<std::int64_t> padding_of_rows(const at::Tensor& ids, const std::optional<at::Tensor>& mask) {
  std::vector<std::int64_t> padding(static_cast<std::size_t>(ids.size(0)), 0);
  if (!mask) return padding;
  if (!mask->defined() || !at::isIntegralType(mask->scalar_type(), /*includeBool=*/true) || !mask->device().is_cpu()) {
    throw Error("attention_mask must be an integer or bool tensor on the CPU");
  }
  if (mask->sizes() != ids.sizes()) {
    throw Error(
        "attention_mask is " + model::shape_text(mask->sizes()) + " but input_ids is " + model::shape_text(ids.sizes()),
        "give a mask over the new tokens alone");
  }
  const at::Tensor places = mask->to(at::kLong).contiguous();
  for (std::size_t row = 0; row < padding.size(); ++row) {
    const auto index = static_cast<std::int64_t>(row);
    padding[row] = left_padding(places[index], index);
  }
  return padding;
}

at::Tensor positions(const at::Tensor& ids, const std::vector<std::int64_t>& padding,
                     const std::vector<snn::SequenceState>& cache) {
  at::Tensor result = at::ones_like(ids);
  const std::int64_t places = ids.size(1);
  for (std::size_t row = 0; row < padding.size(); ++row) {
    const std::int64_t tokens = places - padding[row];
    if (tokens == 0) continue;
    result[static_cast<std::int64_t>(row)]
        .narrow(0, padding[row], tokens)
        .copy_(at::arange(cache[row].length, cache[row].length + tokens, at::kLong));
  }
  return result;
}

bool is_whole(const snn::SequenceState& state) {
  return std::all_of(state.layers.begin(), state.layers.end(),
                     [&](const auto& memory) { return memory->length() == state.length; });
}

}  // namespace

TemporalSpikeProcessor::TemporalSpikeProcessor(snn::SpikingModel model)
    : model_(std::move(model)), ledger_(model_.config().layers) {}

at::Tensor TemporalSpikeProcessor::forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                                           UseCache use_cache) {
  const at::Tensor ids = checked_ids(input_ids);
  const std::vector<std::int64_t> padding = padding_of_rows(ids, attention_mask);
  if (use_cache == UseCache::no) {
    Cache passing = new_cache(ids.size(0));
    return read(ids, padding, passing);
  }
  if (cache_.empty()) {
    Cache fresh = new_cache(ids.size(0));
    at::Tensor logits = read(ids, padding, fresh);
    cache_ = std::move(fresh);
    return logits;
  }
  if (cached_rows() != ids.size(0)) {
    throw Error(
        "input_ids has " + std::to_string(ids.size(0)) + " rows but " + std::to_string(cached_rows()) + " are cached",
        "go on with the same rows, or call reset_cache() first");
  }
  try {
    return read(ids, padding, cache_);
  } catch (...) {
    // A membrane that is not finite ends a forward half-way, with some layers read and others not.
    if (!std::all_of(cache_.begin(), cache_.end(), is_whole)) reset_cache();
    throw;
  }
}

at::Tensor TemporalSpikeProcessor::read(const at::Tensor& ids, const std::vector<std::int64_t>& padding, Cache& cache) {
  const std::int64_t places = ids.size(1);
  const std::int64_t* data = ids.data_ptr<std::int64_t>();
  std::vector<snn::SequenceInput> inputs;
  for (std::size_t row = 0; row < padding.size(); ++row) {
    const std::int64_t tokens = places - padding[row];
    if (tokens == 0) continue;  // a row that only waits for the others
    const std::int64_t* first = data + static_cast<std::int64_t>(row) * places + padding[row];
    inputs.push_back({{first, static_cast<std::size_t>(tokens)}, &cache[row]});
  }
  const at::Tensor new_positions = positions(ids, padding, cache);
  at::Tensor logits = at::zeros({ids.size(0), places, config().vocab_size}, at::kFloat);
  if (!inputs.empty()) {
    const at::Tensor rows = model_.network().forward(inputs, model::LogitRows::all, ledger_);
    std::int64_t next = 0;
    for (std::size_t row = 0; row < padding.size(); ++row) {
      const std::int64_t tokens = places - padding[row];
      logits[static_cast<std::int64_t>(row)].narrow(0, padding[row], tokens).copy_(rows.narrow(0, next, tokens));
      next += tokens;
    }
  }
  position_ids_ = new_positions;
  return logits;
}

void TemporalSpikeProcessor::reset_cache() { cache_.clear(); }

std::int64_t TemporalSpikeProcessor::cached_length(std::int64_t row) const {
  if (row < 0 || row >= cached_rows()) return 0;
  return cache_[static_cast<std::size_t>(row)].length;
}

int TemporalSpikeProcessor::timesteps() const { return model_.network().plan().longest_window(); }

TemporalSpikeProcessor::Cache TemporalSpikeProcessor::new_cache(std::int64_t rows) const {
  Cache cache;
  for (std::int64_t row = 0; row < rows; ++row) cache.push_back(model_.network().new_state());
  return cache;
}

}  // namespace stac::runtime
