// The random checkpoints of scripts/make_model_goldens.py and what transformers computed with them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stac/io/checkpoint.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/model/dense_model.hpp"
#include "stac/model/tensors.hpp"
#include "support/test_paths.hpp"

namespace stac::model {

inline const std::vector<std::string>& golden_names() {
  static const std::vector<std::string> names = {
      "plain",         "erf_inner",      "inverse_layer",     "unscaled_untied",     "relu",
      "silu_one_head", "llama_plain",    "llama_biases",      "llama_grouped_tied",  "llama_one_key_head",
      "llama_linear",  "llama_dynamic",  "llama_yarn",        "llama_llama3",        "qwen2_window_off",
      "qwen2_yarn",    "mistral_window", "qwen2_layer_types", "qwen2_later_windows", "mistral_no_window"};
  return names;
}

struct Golden {
  explicit Golden(const std::string& name)
      : checkpoint(io::open_checkpoint(testing::test_data("model/" + name))),
        config(parse_config(checkpoint.config)),
        weights(load_weights(config, *checkpoint.tensors)),
        model(config, weights.weights),
        reference(io::SafetensorsFile::open(checkpoint.folder / "golden.safetensors")) {}

  [[nodiscard]] at::Tensor tensor(const std::string& name) const { return to_tensor(reference->tensor(name), name); }

  /// What every token's logits are while it is the last one read.
  [[nodiscard]] at::Tensor decode_logits() const {
    return tensor(reference->contains("decode_logits") ? "decode_logits" : "logits");
  }
  /// 1.5e-5 of the logits' scale: f32 sums in another order.
  [[nodiscard]] double tolerance() const { return 1.5e-5 * tensor("logits").abs().max().item<double>(); }

  io::Checkpoint checkpoint;
  TransformerConfig config;
  LoadedWeights weights;
  DenseModel model;
  std::shared_ptr<const io::SafetensorsFile> reference;
};

}  // namespace stac::model
