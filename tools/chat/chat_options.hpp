// The flags of stac-chat.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stac/cli/flag_set.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/runtime/session_file.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace stac::chat {

enum class Mode {
  snn,    ///< the spiking network
  ann,    ///< the same weights without spikes
  source  ///< the source checkpoint, untouched
};

/// "snn", "ann", "source"
[[nodiscard]] std::string mode_name(Mode mode);
/// @throws stac::Error  no mode of this name
[[nodiscard]] Mode mode_of(const std::string& name);

/// @param device  of --device
/// @throws stac::UsageError  the device does not run this mode
void require_runs_on(const std::string& device, Mode mode);

/// @throws stac::UsageError  a context beyond the model's positions, where they are not clamped
void require_context(std::optional<std::int64_t> context, snn::PositionOverflow overflow,
                     const model::TransformerConfig& config);

struct ChatOptions {
  cli::ModelFlags model;
  std::optional<std::string> mode;
  bool compare = false, compare_source = false;
  std::vector<std::string> prompts;
  std::optional<std::int64_t> turns;
  std::optional<std::filesystem::path> script, session, chat_template;
  std::optional<std::string> system;
  std::optional<std::int64_t> max_context;
  std::optional<std::string> overflow, kv_budget;
  std::string position_overflow = "refuse";
  std::optional<std::int64_t> max_new_tokens, top_k;
  std::optional<double> temperature, top_p, min_p, repetition_penalty;
  std::vector<std::string> logit_biases, stops;

  void declare(cli::FlagSet& flags);

  /// Whether the user's side is written down beforehand.
  [[nodiscard]] bool scripted() const { return !prompts.empty() || turns || script; }

  /// Those of `base` with what the flags say instead.
  /// @param seed  of --seed; 0, its default, leaves the base's
  /// @throws stac::UsageError
  [[nodiscard]] runtime::ChatSettings settings(runtime::ChatSettings base, std::int64_t seed) const;

  [[nodiscard]] std::optional<std::uint64_t> kv_budget_bytes() const;
  [[nodiscard]] snn::PositionOverflow position_overflow_choice() const;

  /// What can be refused before the model is opened. @throws stac::UsageError
  void require_consistent(const std::string& device) const;
};

}  // namespace stac::chat
