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
  static const std::vector<std::string> names = {"plain",           "erf_inner", "inverse_layer",
                                                 "unscaled_untied", "relu",      "silu_one_head"};
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

  io::Checkpoint checkpoint;
  TransformerConfig config;
  LoadedWeights weights;
  DenseModel model;
  std::shared_ptr<const io::SafetensorsFile> reference;
};

}  // namespace stac::model
