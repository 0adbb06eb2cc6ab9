// What stac-test runs: each check measures something about an opened model and holds it against a bar.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/fidelity.hpp"
#include "stac/eval/progress.hpp"

namespace stac::eval {

enum class Verdict { passed, failed, skipped };

[[nodiscard]] std::string_view verdict_name(Verdict verdict);

struct CheckResult {
  std::string name;
  Verdict verdict = Verdict::failed;
  std::string measured;  ///< what was found; for a skipped check why it was skipped
  std::string bar;       ///< what would pass
  double seconds = 0.0;
  std::vector<std::string> details;  ///< lines for whoever looks for the cause
};

struct CheckPlan {
  std::uint64_t seed = 0;
  snn::EngineKind engine = snn::EngineKind::fused;
  std::int64_t tokens = 24;                   ///< of the random texts on which engines, caches and threads are compared
  std::int64_t windows = 4;                   ///< of the evaluation text
  std::int64_t context = 128;                 ///< tokens of such a window, at most the model's positions
  std::int64_t dialogues = 6;                 ///< held for recall
  double max_ratio = 1.01;                    ///< perplexity, spiking / dense
  double min_agreement = 0.95;                ///< top-1
  double max_kl = 0.05;                       ///< nats
  double recall_margin = 0.10;                ///< the spiking model's recall may lie this much below the dense one's
  double min_recall = 0.0;                    ///< and must reach this
  double min_identical = 0.0;                 ///< share of its answers that are the dense model's, word for word
  std::optional<std::filesystem::path> text;  ///< for fidelity; none: the bundled stories
  Progress progress;                          ///< called within long checks; may throw to stop them
};

/// What the checks of one run share: model, plan, and a measurement that several of them judge.
class CheckRun {
 public:
  /// Both are borrowed.
  CheckRun(const convert::OpenedModel& model, const CheckPlan& plan) : model_(model), plan_(plan) {}

  [[nodiscard]] const convert::OpenedModel& model() const { return model_; }
  [[nodiscard]] const CheckPlan& plan() const { return plan_; }

  /// Against the dense source, which must be there; measured when first asked for.
  /// @throws stac::Error  as read_windows and measure_quality
  [[nodiscard]] const Fidelity& fidelity();
  /// The text of fidelity().
  [[nodiscard]] const std::string& text_name() const { return text_name_; }

 private:
  const convert::OpenedModel& model_;
  const CheckPlan& plan_;
  std::optional<Fidelity> fidelity_;
  std::string text_name_;
};

struct Check {
  std::string name;
  std::string about;  ///< one sentence for --list
  std::function<CheckResult(CheckRun&)> run;
};

/// Every check of this version, in the order in which they run:
///   engine-equality  temporal = fused, logits bit for bit and counts, on a short random text
///   coverage         every product of a forward is driven by spikes
///   spikes           no site is silent (under adaptive thresholds the largest membrane is full scale: none saturates)
///   kv-cache         reading token by token = reading at once, bit for bit
///   determinism      1 thread = 2 threads, bit for bit
///   dead-network     predictions on text vary as the dense model's do
///   fidelity         perplexity ratio, KL and top-1 agreement with the dense source on the bundled text
///   recall           facts told in a dialogue are known as well as the dense source knows them
[[nodiscard]] const std::vector<Check>& all_checks();

/// Runs a check with its clock; an error that it throws is a failure that says so.
[[nodiscard]] CheckResult run_check(const std::string& name, const std::function<CheckResult()>& check);

/// Compares the dense source with a file that transformers made: model/parity.hpp.
/// @throws stac::Error  as compare_with_reference; no dense source
[[nodiscard]] CheckResult check_parity(const convert::OpenedModel& model, const std::filesystem::path& reference,
                                       double tolerance);

/// Compares a folder's tokenizer with a file that its reference library made: text/tokenizer_parity.hpp.
/// @throws stac::Error  as load_tokenizer and check_tokenizer_parity
[[nodiscard]] CheckResult check_tokenizer_parity(const std::filesystem::path& folder,
                                                 const std::filesystem::path& reference);

/// Compares our rendering of chat templates with a file that transformers made: text/chat_template_parity.hpp.
/// @throws stac::Error  as check_chat_template_parity
[[nodiscard]] CheckResult check_chat_template_parity(const std::filesystem::path& reference);

}  // namespace stac::eval
