// A spiking network as a TorchScript module that plain LibTorch or PyTorch opens, without this library and without
// operators of its own. It encodes every site's membranes to the fused engine's integer codes, multiplies exactly and
// counts spikes by table; norms, exp and activations are computed in f64 and rounded once, where the engine's kernels
// are within an ulp or two of that: docs/theory.md, "The exported module".
#pragma once
#include <torch/script.h>

#include <filesystem>

#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"

namespace stac::torchscript {

/// The parts of a spiking network; not owned.
struct Network {
  const model::TransformerConfig& config;
  const model::TransformerWeights& weights;
  const snn::Plan& plan;
  const snn::QuantizedWeights& quantized;
};

/// forward(input_ids, past=None, attention_mask=None) -> (logits, present, spikes)
///   input_ids       int64 [batch, new], new >= 1
///   past            what the last call returned as `present`
///   attention_mask  int64 or bool [batch, cached + new], 0 for padding, which stands at the left; None: no padding.
///                   Positions count what it shows
///   logits          f32 [batch, new, vocab_size]; of padding: anything
///   present         a pair (keys, values) per layer, int32 [batch, kv_heads, cached + new, head_dim]
///   spikes          int64 [layers + 1, 7]: per layer, the head's row last, and per site in the order of snn::kSites;
///                   without padding
/// It raises on an id outside the vocabulary, a text past max_positions, a mask of another shape or with padding inside
/// the text, and a membrane that is not finite.
/// @throws stac::Error  dynamic rotary positions: every token beyond their original context turns all the others again,
///                      which a cache cannot hold
/// @throws stac::UsageError  the plan does not fit the model
[[nodiscard]] torch::jit::Module network_module(const Network& network);

/// Whether network_module would refuse, before a conversion's work. @throws stac::Error  as it
void require_exportable(const model::TransformerConfig& config);

/// Writes the module as torch.jit.load reads it, whole or not at all.
/// @throws stac::Error naming the file
void save_module(const torch::jit::Module& module, const std::filesystem::path& file);

}  // namespace stac::torchscript
