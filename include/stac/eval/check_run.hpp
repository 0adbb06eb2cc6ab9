// One run of checks: the model, the plan, and what several checks share.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/check_parts.hpp"
#include "stac/eval/fidelity.hpp"
#include "stac/eval/progress.hpp"
#include "stac/eval/token_windows.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::eval {

/// Inclusive.
struct EnergyRange {
  double low = 0.0;
  double high = 0.0;
};

struct CheckPlan {
  std::uint64_t seed = 0;
  snn::EngineKind engine = snn::EngineKind::fused;
  std::int64_t tokens = 24;           ///< of the random texts on which engines, masks, caches and threads are compared
  std::int64_t positions = 1024;      ///< that position-boundaries fills at most
  std::int64_t windows = 4;           ///< of the evaluation text
  std::int64_t context = 128;         ///< tokens of such a window, at most the model's positions
  std::int64_t dialogues = 6;         ///< held for recall, from the start of the file
  std::optional<std::int64_t> turns;  ///< user turns held for recall, over all dialogues; in place of `dialogues`
  std::optional<std::filesystem::path> dialogue_file;  ///< none: the bundled held-out dialogues
  double max_ratio = 1.01;                             ///< perplexity, spiking / dense
  double min_agreement = 0.95;                         ///< top-1
  double max_kl = 0.05;                                ///< nats
  double recall_margin = 0.10;                ///< the spiking model's recall may lie this much below the dense one's
  std::optional<double> require_recall;       ///< and must reach this, whatever the dense one's is
  double min_identical = 0.0;                 ///< share of its answers that are the dense model's, word for word
  std::optional<EnergyRange> expect_energy;   ///< of the ratio of energies, spiking / dense
  std::optional<std::filesystem::path> text;  ///< for dead-network and energy; none: the bundled stories
  std::optional<std::filesystem::path> module_file;  ///< for torchscript; none: the artifact's, else one in memory
  Progress progress;                                 ///< called within long checks; may throw to stop them
};

struct CheckText {
  TokenWindows windows;
  std::string name;  ///< says which it is
};

/// How a text was read.
struct Reading {
  Fidelity fidelity;  ///< against the reference
  snn::Ledger ledger{0};
  std::string text;  ///< its name
};

class CheckRun {
 public:
  /// Model and plan are borrowed.
  CheckRun(const convert::OpenedModel& model, const CheckPlan& plan, CheckParts parts = {});

  [[nodiscard]] const convert::OpenedModel& model() const { return model_; }
  [[nodiscard]] const CheckPlan& plan() const { return plan_; }
  [[nodiscard]] const CheckParts& parts() const { return parts_; }

  /// The network under test, built when first asked for.
  [[nodiscard]] const snn::SpikingModel& spiking(snn::EngineKind engine);
  [[nodiscard]] const snn::SpikingModel& spiking() { return spiking(plan_.engine); }
  /// A network of its own that shows its membranes. @param observer  must outlive it
  [[nodiscard]] snn::SpikingModel observed(snn::SiteObserver& observer) const;
  /// A network of its own whose membranes and caches are stored so.
  [[nodiscard]] snn::SpikingModel stored_in(const model::Storage& storage, snn::EngineKind engine) const;
  /// A network of its own that says numbers finely everywhere: adaptive thresholds, base 2, T = 16, f32.
  [[nodiscard]] snn::SpikingModel finely_coded() const;
  /// What every population of the network under test speaks.
  [[nodiscard]] snn::Plan network_plan() const;
  [[nodiscard]] std::unique_ptr<Processor> processor(const runtime::ProcessorOptions& options = {});

  /// What the network is held against: its source, or its own weights without spikes where that is not to be had.
  [[nodiscard]] const model::LanguageModel& reference() const;
  /// "the dense model", or what stands in its place and why.
  [[nodiscard]] std::string reference_name() const;

  /// Random ids of the model's vocabulary, as many as the plan says and the model can hold; a function of plan.seed.
  [[nodiscard]] std::vector<std::int64_t> random_text() const { return random_text(plan_.tokens); }
  [[nodiscard]] std::vector<std::int64_t> random_text(std::int64_t tokens) const;

  /// The evaluation text, or random ids for a model without a tokenizer. @throws stac::Error  as read_windows
  [[nodiscard]] const CheckText& text();
  /// The evaluation text by the network and its reference; measured when first asked for.
  /// @throws stac::Error  as read_windows and measure_fidelity
  [[nodiscard]] const Reading& reading();

 private:
  [[nodiscard]] std::unique_ptr<snn::Engine> engine(snn::EngineKind kind) const;

  const convert::OpenedModel& model_;
  const CheckPlan& plan_;
  CheckParts parts_;
  std::map<snn::EngineKind, snn::SpikingModel> networks_;
  std::optional<CheckText> text_;
  std::optional<Reading> reading_;
};

}  // namespace stac::eval
