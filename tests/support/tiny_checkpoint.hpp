// Tiny random GPT-2 checkpoints in Hugging Face format, for tests.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "stac/io/safetensors.hpp"

namespace stac::testing {

struct TinyCheckpoint {
  std::int64_t layers = 2;
  std::int64_t hidden = 16;
  std::int64_t heads = 2;
  std::int64_t vocab = 40;
  std::int64_t positions = 32;
  std::string activation = "gelu_new";
  io::DType dtype = io::DType::f32;  ///< f32, f16 (of numbers above its subnormals) or bf16
  std::uint64_t seed = 1;
  bool tied = true;
  std::string prefix = {};    ///< "transformer." as GPT2LMHeadModel saves it
  bool mask_buffers = false;  ///< h.N.attn.bias, as older checkpoints hold it
  std::string surplus = {};   ///< a tensor of this name that no model uses; empty: none
};

/// Random numbers in a dtype's bytes.
class TinyTensors {
 public:
  explicit TinyTensors(const TinyCheckpoint& shape) : shape_(shape), random_(shape.seed) {}

  void add(const std::string& name, std::vector<std::int64_t> size, double mean, double deviation) {
    std::int64_t count = 1;
    for (const std::int64_t extent : size) count *= extent;
    std::vector<std::byte>& bytes = storage_.emplace_back();
    std::normal_distribution<double> normal(mean, deviation);
    for (std::int64_t i = 0; i < count; ++i) append(bytes, static_cast<float>(normal(random_)));
    tensors_.push_back({name, shape_.dtype, std::move(size), bytes});
  }

  [[nodiscard]] const std::vector<io::NamedTensor>& tensors() const { return tensors_; }

 private:
  void append(std::vector<std::byte>& bytes, float value) const {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (shape_.dtype == io::DType::f32) return append_bits(bytes, bits);
    if (shape_.dtype == io::DType::bf16) return append_bits(bytes, static_cast<std::uint16_t>(bits >> 16U));
    if (shape_.dtype != io::DType::f16) throw std::invalid_argument("TinyCheckpoint: f32, f16 or bf16");
    const std::uint32_t sign = bits >> 31U << 15U;
    const auto exponent = static_cast<std::int32_t>(bits >> 23U & 0xFFU) - 127 + 15;
    const std::uint32_t rest =
        exponent <= 0 ? 0U : (static_cast<std::uint32_t>(exponent) << 10U) | (bits >> 13U & 0x3FFU);
    append_bits(bytes, static_cast<std::uint16_t>(sign | rest));
  }

  template <typename Bits>
  static void append_bits(std::vector<std::byte>& bytes, Bits bits) {
    const std::size_t end = bytes.size();
    bytes.resize(end + sizeof bits);
    std::memcpy(bytes.data() + end, &bits, sizeof bits);
  }

  TinyCheckpoint shape_;
  std::mt19937_64 random_;
  std::deque<std::vector<std::byte>> storage_;  // a deque: the tensors borrow its elements
  std::vector<io::NamedTensor> tensors_;
};

inline nlohmann::json tiny_config(const TinyCheckpoint& shape) {
  return {{"model_type", "gpt2"},       {"architectures", {"GPT2LMHeadModel"}},
          {"vocab_size", shape.vocab},  {"n_positions", shape.positions},
          {"n_embd", shape.hidden},     {"n_layer", shape.layers},
          {"n_head", shape.heads},      {"activation_function", shape.activation},
          {"layer_norm_epsilon", 1e-5}, {"tie_word_embeddings", shape.tied},
          {"bos_token_id", 0},          {"eos_token_id", 0}};
}

inline void add_tiny_block(TinyTensors& tensors, const TinyCheckpoint& shape, const std::string& block) {
  const std::int64_t h = shape.hidden;
  const double spread = 1.0 / std::sqrt(static_cast<double>(h));
  for (const char* const norm : {"ln_1", "ln_2"}) {
    tensors.add(block + norm + ".weight", {h}, 1.0, 0.2);
    tensors.add(block + norm + ".bias", {h}, 0.0, 0.1);
  }
  const auto conv1d = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    tensors.add(block + name + ".weight", {in, out}, 0.0, spread);
    tensors.add(block + name + ".bias", {out}, 0.0, 0.1);
  };
  conv1d("attn.c_attn", h, 3 * h);
  conv1d("attn.c_proj", h, h);
  conv1d("mlp.c_fc", h, 4 * h);
  conv1d("mlp.c_proj", 4 * h, h);
  if (shape.mask_buffers) tensors.add(block + "attn.bias", {1, 1, 4, 4}, 1.0, 0.0);
}

/// Writes config.json and model.safetensors into `folder`, which is made; returns it.
inline std::filesystem::path write_tiny_checkpoint(const std::filesystem::path& folder,
                                                   const TinyCheckpoint& shape = {}) {
  std::filesystem::create_directories(folder);
  TinyTensors tensors(shape);
  tensors.add(shape.prefix + "wte.weight", {shape.vocab, shape.hidden}, 0.0, 1.0);
  tensors.add(shape.prefix + "wpe.weight", {shape.positions, shape.hidden}, 0.0, 0.3);
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    add_tiny_block(tensors, shape, shape.prefix + "h." + std::to_string(layer) + ".");
  }
  tensors.add(shape.prefix + "ln_f.weight", {shape.hidden}, 1.0, 0.2);
  tensors.add(shape.prefix + "ln_f.bias", {shape.hidden}, 0.0, 0.1);
  if (!shape.tied) tensors.add("lm_head.weight", {shape.vocab, shape.hidden}, 0.0, 0.5);
  if (!shape.surplus.empty()) tensors.add(shape.surplus, {3}, 0.0, 1.0);
  io::write_safetensors(folder / "model.safetensors", tensors.tensors(), {{"format", "pt"}});
  std::ofstream(folder / "config.json") << tiny_config(shape).dump(2) << "\n";
  return folder;
}

/// Adds a vocab.json and merges.txt of single bytes: the tokenizer of a checkpoint of at least 257 tokens.
inline void write_tiny_tokenizer(const std::filesystem::path& folder) {
  nlohmann::json vocabulary = {{"<|endoftext|>", 0}};
  int next_plain = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool shown = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const int point = shown ? byte : next_plain++;  // GPT-2's byte alphabet
    const std::string text =
        point < 128 ? std::string(1, static_cast<char>(point))
                    : std::string{static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
    vocabulary[text] = byte + 1;
  }
  std::ofstream(folder / "vocab.json") << vocabulary.dump() << "\n";
  std::ofstream(folder / "merges.txt") << "#version: 0.2\n";
}

}  // namespace stac::testing
