// A spiking network as a TorchScript module that plain LibTorch or PyTorch opens, without this library and without
// operators of its own. It encodes every site's membranes to the fused engine's integer codes, multiplies exactly and
// counts spikes by table; norms, exp and activations are computed in f64 and rounded once, where the engine's kernels
// are within an ulp or two of that: docs/theory.md, "The exported module".
#pragma once
#include <torch/script.h>

#include <filesystem>

#include "stac/model/config.hpp"
#include "stac/snn/spiking_pass.hpp"

namespace stac::torchscript {

/// Where an artifact keeps its module.
inline constexpr const char* kModuleFile = "model.pt";

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
///                      which a cache cannot hold; a code of more levels than a table holds (base 2: T > 19, base 3:
///                      T > 12)
/// @throws stac::UsageError  the plan does not fit the model
[[nodiscard]] torch::jit::Module network_module(const snn::NetworkParts& network);

/// Whether network_module would refuse, before a conversion's work. @throws stac::Error  as it
void require_exportable(const model::TransformerConfig& config);
void require_exportable(const snn::Code& code);

/// What the module's membranes, keys and values are rounded to; one of before there was a choice rounds nothing.
/// @throws stac::Error  it says something else
[[nodiscard]] model::Storage storage_of(const torch::jit::Module& module);

/// What torch::jit::load makes of the module once it is saved.
/// @throws c10::Error  it cannot be saved or opened
[[nodiscard]] torch::jit::Module saved_and_opened(const torch::jit::Module& module);

/// @throws stac::Error  no TorchScript file
[[nodiscard]] torch::jit::Module open_module(const std::filesystem::path& file);

/// Writes the module as torch.jit.load reads it, whole or not at all.
/// @throws stac::Error naming the file
void save_module(const torch::jit::Module& module, const std::filesystem::path& file);

}  // namespace stac::torchscript
