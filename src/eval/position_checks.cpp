// Positions: the first two, the last two, those behind them, over turns and beside padding.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <algorithm>

#include "bits.hpp"
#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "overflow_checks.hpp"
#include "stac/error.hpp"

namespace stac::eval {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kTurn = 61;  ///< tokens; no multiple of anything that a kernel may like

/// Lengths of forwards that fill `tokens` positions: the first two and the last two by themselves.
std::vector<std::int64_t> boundary_turns(std::int64_t tokens) {
  std::vector<std::int64_t> turns(static_cast<std::size_t>(std::min<std::int64_t>(tokens, 2)), 1);
  const std::int64_t last = std::clamp<std::int64_t>(tokens - 2, 0, 2);
  for (std::int64_t rest = tokens - 2 - last; rest > 0; rest -= kTurn) turns.push_back(std::min(rest, kTurn));
  turns.insert(turns.end(), static_cast<std::size_t>(last), 1);
  return turns;
}

bool refuses(Processor& processor, const Ids& ids) {
  try {
    static_cast<void>(processor.forward(one_row(ids), std::nullopt, {}, runtime::UseCache::yes));
    return false;
  } catch (const Error&) {
    return true;
  }
}

class PositionCheck {
 public:
  explicit PositionCheck(CheckRun& run)
      : run_(run),
        max_(run.model().config().max_positions),
        text_(run.random_text(std::min(run.plan().positions, max_))),
        processor_(run.processor()) {}

  [[nodiscard]] CheckResult result() {
    fill_over_turns();
    if (filled() == max_) refuse_one_more();
    refuse_beyond();
    if (filled() == max_) clamp_where_asked();
    count_beside_padding();
    const std::string policies = overflow_under_every_policy(run_, findings_);
    return findings_.result(
        formatted("positions 0 to %lld of %lld over %zu turns, %lld and behind refused%s, padding, overflow ",
                  static_cast<long long>(filled() - 1), static_cast<long long>(max_), boundary_turns(filled()).size(),
                  static_cast<long long>(max_), filled() == max_ ? " or clamped" : "") +
            policies,
        "ids count on and stay below the limit; logits at the edges and behind what is forgotten are a fresh "
        "reading's");
  }

 private:
  [[nodiscard]] std::int64_t filled() const { return static_cast<std::int64_t>(text_.size()); }
  [[nodiscard]] bool is_edge(std::int64_t position) const { return position < 2 || position >= filled() - 2; }

  void fill_over_turns() {
    std::int64_t first = 0;
    for (const std::int64_t count : boundary_turns(filled())) {
      const Ids turn(text_.begin() + first, text_.begin() + first + count);
      const at::Tensor logits = processor_->forward(one_row(turn), std::nullopt, {}, runtime::UseCache::yes);
      const std::string where = "positions " + std::to_string(first) + " to " + std::to_string(first + count - 1);
      expect_positions(processor_->position_ids(), first, count, where);
      first += count;
      findings_.expect(processor_->cached_length("0") == first,
                       where + ": the cache holds " + std::to_string(processor_->cached_length("0")) + " tokens");
      if (is_edge(first - 1)) expect_logits_of_one_forward(first - 1, logits[0].narrow(0, count - 1, 1));
    }
  }

  void expect_positions(const at::Tensor& ids, std::int64_t first, std::int64_t count, const std::string& where) {
    findings_.expect(ids.defined() && at::equal(ids, at::arange(first, first + count).unsqueeze(0)),
                     where + ": the position ids are others");
    const bool within = ids.defined() && ids.min().item<std::int64_t>() >= 0 && ids.max().item<std::int64_t>() < max_;
    findings_.expect(within, where + ": a position id is out of bounds");
  }

  void expect_logits_of_one_forward(std::int64_t position, const at::Tensor& logits) {
    const auto sequence = run_.spiking().start();
    const at::Tensor at_once =
        sequence->append(std::span(text_).first(static_cast<std::size_t>(position + 1)), model::LogitRows::last);
    findings_.expect(same_bits(at_once, logits),
                     "position " + std::to_string(position) + ": other logits than in one forward");
  }

  void refuse_one_more() {
    const at::Tensor before = processor_->position_ids().clone();
    findings_.expect(refuses(*processor_, {0}), "a token at position " + std::to_string(max_) + " was taken");
    findings_.expect(processor_->cached_length("0") == max_, "a refused token changed the cache");
    findings_.expect(at::equal(processor_->position_ids(), before), "a refused token changed the position ids");
  }

  void refuse_beyond() {
    processor_->reset_cache();
    for (const std::int64_t excess : {1, 7}) {
      const Ids long_text(static_cast<std::size_t>(max_ + excess), 0);
      findings_.expect(refuses(*processor_, long_text),
                       "a text of " + std::to_string(max_ + excess) + " tokens was taken whole");
      findings_.expect(processor_->cached_length("0") == 0, "a text that was refused is in the cache");
    }
  }

  void clamp_where_asked() {
    const auto clamped = run_.processor({.position_overflow = runtime::PositionOverflow::clamp});
    static_cast<void>(clamped->forward(one_row(text_), std::nullopt, {}, runtime::UseCache::yes));
    static_cast<void>(clamped->forward(one_row(Ids{0, 0, 0}), std::nullopt, {}, runtime::UseCache::yes));
    findings_.expect(at::equal(clamped->position_ids(), at::full({1, 3}, max_ - 1, at::kLong)),
                     "clamped positions are not the last one");
    findings_.expect(clamped->cached_length("0") == max_ + 3, "clamped tokens are not in the cache");
  }

  /// As generate() of transformers counts: cumsum(mask) - 1, and 1 at padding.
  void count_beside_padding() {
    processor_->reset_cache();
    const std::int64_t width = std::min<std::int64_t>(4, max_ / 2);
    const Ids whole(text_.begin(), text_.begin() + std::min(width, filled()));
    std::vector<std::int64_t> cached{0, 0};
    for (int turn = 0; turn < 2; ++turn) {
      const Ids part(whole.begin() + static_cast<std::int64_t>(whole.size()) / 2, whole.end());
      const PaddedBatch batch = padded_batch({part, whole}, static_cast<std::int64_t>(whole.size()), 0);
      static_cast<void>(processor_->forward(batch.ids, batch.mask, {}, runtime::UseCache::yes));
      for (std::int64_t row = 0; row < 2; ++row) {
        const auto tokens = static_cast<std::int64_t>(row == 0 ? part.size() : whole.size());
        at::Tensor expected = at::ones({batch.ids.size(1)}, at::kLong);
        expected.narrow(0, batch.ids.size(1) - tokens, tokens).copy_(at::arange(cached[row], cached[row] + tokens));
        cached[row] += tokens;
        findings_.expect(at::equal(processor_->position_ids()[row], expected),
                         "row " + std::to_string(row) + " of a padded batch, turn " + std::to_string(turn) +
                             ": the position ids are others");
      }
    }
    processor_->reset_cache();
  }

  CheckRun& run_;
  std::int64_t max_;
  Ids text_;
  std::unique_ptr<Processor> processor_;
  Findings findings_;
};

}  // namespace

CheckResult check_position_boundaries(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  return PositionCheck(run).result();
}

}  // namespace stac::eval
