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
  std::optional<std::int64_t> context, windows, prompt_tokens, parallel;
  std::string bos = "auto";
  bool matmul = false, energy = false, speed = false, kernel_times = false, window_speed = false;
  eval::SpeedPlan speed_plan;
  std::optional<std::filesystem::path> html, plots, csv, spikes, sweep_folder;
  std::optional<std::string> raster, sweep;
  std::int64_t spike_tokens = 24;

  void declare(cli::FlagSet& flags);

  [[nodiscard]] std::string energy_model() const { return model.conversion.prices(); }
  /// A page is of everything that takes no longer than a glance.
  [[nodiscard]] bool wants_page() const { return html || plots; }
  [[nodiscard]] bool wants_energy() const { return energy || wants_page() || nothing_chosen(); }
  [[nodiscard]] bool wants_spikes() const { return spikes || raster || wants_page(); }
  [[nodiscard]] bool wants_matmul() const { return matmul || nothing_chosen(); }
  [[nodiscard]] bool measures_speed() const { return speed || window_speed || parallel; }
  [[nodiscard]] bool needs_text() const { return perplexity || wants_energy() || wants_spikes(); }

  /// @throws stac::UsageError  flags that do not go together
  /// @throws stac::Error       a text that cannot be opened
  void require_valid() const;

  /// Refuses, before the work, what could not be written after it, and one file for two reports.
  /// @param json  the file of --json, where there is one
  /// @throws stac::Error, stac::UsageError
  void require_writable(const std::optional<std::filesystem::path>& json) const;

  /// @throws stac::UsageError  more tokens than the model has positions, a site that it has not
  void require_fits(const model::TransformerConfig& config) const;

  [[nodiscard]] eval::TextPlan text_plan(const model::TransformerConfig& config) const;
  /// Its prompt is as long as the model's positions allow where none is given.
  [[nodiscard]] eval::SpeedPlan speed_plan_of(const model::TransformerConfig& config) const;

 private:
  [[nodiscard]] bool nothing_chosen() const {
    return !perplexity && !energy && !matmul && !measures_speed() && !sweep && !wants_page() && !spikes && !raster;
  }
};

}  // namespace stac::tools
