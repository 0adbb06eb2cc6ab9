// What a user asks stac-bench for.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "stac/cli/model_options.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/eval/speed.hpp"

namespace stac::tools {

struct BenchOptions {
  cli::ModelFlags model;
  std::optional<std::filesystem::path> perplexity;
  std::optional<std::int64_t> context, windows, prompt_tokens;
  std::string bos = "auto", energy_model = "horowitz-45nm";
  bool matmul = false, energy = false, speed = false;
  eval::SpeedPlan speed_plan;

  void declare(cli::FlagSet& flags);

  [[nodiscard]] bool nothing_chosen() const { return !perplexity && !energy && !matmul && !speed; }
  [[nodiscard]] bool wants_energy() const { return energy || nothing_chosen(); }
  [[nodiscard]] bool needs_text() const { return perplexity || wants_energy(); }

  [[nodiscard]] eval::TextPlan text_plan(const model::TransformerConfig& config) const;
};

}  // namespace stac::tools
