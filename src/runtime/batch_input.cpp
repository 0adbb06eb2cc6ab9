#include "runtime/batch_input.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "stac/error.hpp"
#include "stac/model/tensors.hpp"

namespace stac::runtime {
namespace {

using Places = std::span<const std::int64_t>;

void require_zeros_and_ones(Places places, std::int64_t row) {
  for (const std::int64_t place : places) {
    if (place == 0 || place == 1) continue;
    throw Error("attention_mask holds " + std::to_string(place) + " in row " + std::to_string(row) +
                ": only 0 and 1 mean something there");
  }
}

/// Zeros before the first one. @throws stac::Error  a zero behind it
std::int64_t left_padding(Places places, std::int64_t row) {
  const auto first_token = std::find(places.begin(), places.end(), 1);
  if (std::find(first_token, places.end(), 0) != places.end()) {
    throw Error("attention_mask has padding after a token in row " + std::to_string(row),
                "pad on the left: a causal model reads on from the last place");
  }
  return first_token - places.begin();
}

void require_what_is_cached(Places places, std::int64_t cached, std::int64_t row) {
  const std::int64_t ones = static_cast<std::int64_t>(places.size()) - left_padding(places, row);
  if (ones == cached) return;
  throw Error("attention_mask says that row " + std::to_string(row) + " has " + std::to_string(ones) +
                  " tokens cached, but it has " + std::to_string(cached),
              "the mask over what is cached is the left part of the processor's attention_mask()");
}

}  // namespace

at::Tensor checked_ids(const at::Tensor& ids) {
  if (!ids.defined() || ids.scalar_type() != at::kLong || !ids.device().is_cpu()) {
    throw Error("input_ids must be an int64 tensor on the CPU");
  }
  if (ids.dim() != 2 || ids.numel() == 0) {
    throw Error("input_ids must be [batch, tokens] with at least one token, not " + model::shape_text(ids.sizes()));
  }
  return ids.contiguous();
}

std::vector<ConversationId> checked_conversations(const std::vector<ConversationId>& given, std::int64_t rows) {
  if (given.empty()) {
    std::vector<ConversationId> counted;
    for (std::int64_t row = 0; row < rows; ++row) counted.push_back(std::to_string(row));
    return counted;
  }
  if (static_cast<std::int64_t>(given.size()) != rows) {
    throw Error("input_ids has " + std::to_string(rows) + " rows but " + std::to_string(given.size()) +
                    " conversations are named",
                "name one for each row, or none");
  }
  std::set<ConversationId> seen;
  for (const ConversationId& id : given) {
    if (!seen.insert(id).second) {
      throw Error("conversation '" + id + "' is named for two rows", "a forward reads one piece of a conversation");
    }
  }
  return given;
}

std::vector<std::int64_t> padding_of_rows(const at::Tensor& ids, const std::optional<at::Tensor>& mask,
                                          const std::vector<std::int64_t>& cached) {
  std::vector<std::int64_t> padding(cached.size(), 0);
  if (!mask) return padding;
  if (!mask->defined() || !at::isIntegralType(mask->scalar_type(), /*includeBool=*/true) || !mask->device().is_cpu()) {
    throw Error("attention_mask must be an integer or bool tensor on the CPU");
  }
  const std::int64_t fresh = ids.size(1);
  const std::int64_t past = *std::max_element(cached.begin(), cached.end());
  const bool fits = mask->dim() == 2 && mask->size(0) == ids.size(0);
  if (!fits || (mask->size(1) != fresh && mask->size(1) != past + fresh)) {
    throw Error("attention_mask is " + model::shape_text(mask->sizes()) + " but input_ids is " +
                    model::shape_text(ids.sizes()) + " and at most " + std::to_string(past) + " tokens are cached",
                "give a mask over the new tokens, or over what is cached and the new tokens");
  }
  const at::Tensor places = mask->to(at::kLong).contiguous();
  const std::int64_t columns = places.size(1);
  for (std::size_t i = 0; i < padding.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const Places all(places.data_ptr<std::int64_t>() + row * columns, static_cast<std::size_t>(columns));
    require_zeros_and_ones(all, row);
    if (columns > fresh) require_what_is_cached(all.first(static_cast<std::size_t>(past)), cached[i], row);
    padding[i] = left_padding(all.last(static_cast<std::size_t>(fresh)), row);
  }
  return padding;
}

}  // namespace stac::runtime
