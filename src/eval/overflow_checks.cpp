#include "overflow_checks.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "bits.hpp"
#include "id_tokenizer.hpp"
#include "stac/error.hpp"
#include "stac/runtime/conversation.hpp"

namespace stac::eval {
namespace {

using runtime::OverflowPolicy;
using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kContext = 40;                        ///< tokens, or the model's positions where it has fewer
constexpr std::int64_t kSystem = 3, kSaid = 6, kAnswer = 4;  ///< tokens of messages
constexpr int kTurns = 9;                                    ///< several contexts full

/// What a policy makes of the sequence below it.
struct Watch {
  Ids held;                   ///< the ids that the sequence should know
  std::int64_t longest = 0;   ///< tokens at once
  std::int64_t readings = 0;  ///< whose logits were compared
  std::int64_t differing = 0;
  bool shifted = false;  ///< from here on logits are approximate by design
};

/// Compares the logits of every reading with those of a fresh sequence that reads what should be known.
class WatchedSequence final : public model::Sequence {
 public:
  WatchedSequence(const snn::SpikingModel& model, Watch& watch) : model_(model), inner_(model.start()), watch_(watch) {}

  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override {
    at::Tensor logits = inner_->append(ids, rows);
    watch_.held.insert(watch_.held.end(), ids.begin(), ids.end());
    watch_.longest = std::max(watch_.longest, static_cast<std::int64_t>(watch_.held.size()));
    if (watch_.shifted) return logits;
    const at::Tensor fresh = model_.start()->append(watch_.held, model::LogitRows::last);
    ++watch_.readings;
    watch_.differing += !same_bits(logits.narrow(0, logits.size(0) - 1, 1), fresh);
    return logits;
  }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override {
    inner_->reset();
    watch_.held.clear();
    watch_.shifted = false;
  }
  void truncate(std::int64_t length) override {
    inner_->truncate(length);
    const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(0, std::min(length, inner_->length())));
    if (kept < watch_.held.size()) watch_.held.resize(kept);
  }
  void shift(std::int64_t first, std::int64_t count) override {
    inner_->shift(first, count);
    watch_.held.erase(watch_.held.begin() + first, watch_.held.begin() + first + count);
    watch_.shifted = true;
  }

 private:
  const snn::SpikingModel& model_;
  std::unique_ptr<model::Sequence> inner_;
  Watch& watch_;
};

class OverflowingConversation {
 public:
  OverflowingConversation(CheckRun& run, OverflowPolicy policy)
      : run_(run),
        policy_(policy),
        context_(std::min(kContext, run.model().config().max_positions)),
        text_(run.random_text(kSystem + kSaid)),
        tokenizer_(run.model().config().vocab_size),
        conversation_(runtime::CachedSequence(std::make_unique<WatchedSequence>(run.spiking(), watch_), context_),
                      tokenizer_, id_chat_form(),
                      {.system = IdTokenizer::written(part(0, kSystem)), .overflow = policy}) {}

  void hold(Findings& findings) {
    const std::string name = "overflow " + std::string(runtime::overflow_policy_name(policy_));
    for (int turn = 0; turn < kTurns; ++turn) {
      say(turn);
      tell(run_.plan().progress, turn + 1, kTurns);
    }
    findings.expect(watch_.longest <= context_, name + ": " + std::to_string(watch_.longest) +
                                                    " tokens were held in a context of " + std::to_string(context_));
    findings.expect(watch_.differing == 0, name + ": " + std::to_string(watch_.differing) + " of " +
                                               std::to_string(watch_.readings) +
                                               " readings have other logits than a fresh one of the kept text");
    findings.expect(unannounced_ == 0, name + ": something was forgotten and not told");
    if (policy_ == OverflowPolicy::error) {
      findings.expect(refused_ > 0 && forgotten_ == 0, name + ": the full context refused nothing");
      return;
    }
    findings.expect(forgotten_ > 1, name + ": nothing was forgotten, though the context overflowed");
    findings.expect(refused_ == 0, name + ": a turn was refused that had room once something was forgotten");
    if (policy_ == OverflowPolicy::window) return;
    const auto& messages = conversation_.messages();
    findings.expect(!messages.empty() && messages.front().role == "system", name + ": the system message is gone");
    findings.expect((policy_ == OverflowPolicy::shift) == approximate_, name + ": a shift is not told as approximate");
  }

 private:
  [[nodiscard]] Ids part(std::int64_t first, std::int64_t count) const {
    const auto size = static_cast<std::int64_t>(text_.size());
    Ids ids;
    for (std::int64_t i = first; i < first + count; ++i) ids.push_back(text_[i % size]);
    return ids;
  }

  void say(int turn) {
    runtime::GenerationOptions options;
    options.max_new_tokens = kAnswer;
    const std::size_t before = conversation_.messages().size();
    try {
      const runtime::Answer answer = conversation_.say(IdTokenizer::written(part(turn, kSaid)), options);
      forgotten_ += static_cast<std::int64_t>(answer.forgotten.size());
      approximate_ = approximate_ || answer.approximate;
      const bool shrunk = conversation_.messages().size() < before + 2;
      unannounced_ += shrunk && answer.forgotten.empty();
      refused_ += answer.generated.reason == runtime::StopReason::context_full;
    } catch (const runtime::ContextFull&) {
      ++refused_;
      unannounced_ += conversation_.messages().size() != before;
    }
  }

  CheckRun& run_;
  OverflowPolicy policy_;
  std::int64_t context_;
  Ids text_;
  IdTokenizer tokenizer_;
  Watch watch_;
  runtime::Conversation conversation_;
  std::int64_t forgotten_ = 0, refused_ = 0, unannounced_ = 0;
  bool approximate_ = false;
};

bool can_shift(const model::TransformerConfig& config) {
  try {
    snn::require_shiftable(config);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

}  // namespace

std::string overflow_under_every_policy(CheckRun& run, Findings& findings) {
  std::string names;
  for (const OverflowPolicy policy :
       {OverflowPolicy::turns, OverflowPolicy::window, OverflowPolicy::error, OverflowPolicy::shift}) {
    if (policy == OverflowPolicy::shift && !can_shift(run.model().config())) continue;
    OverflowingConversation(run, policy).hold(findings);
    names += (names.empty() ? "" : ", ") + std::string(runtime::overflow_policy_name(policy));
  }
  return names;
}

}  // namespace stac::eval
