// The attention mask: what it costs to look, and what looking changes.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "bits.hpp"
#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "visible_keys.hpp"

namespace stac::eval {
namespace {

using Ids = std::vector<std::int64_t>;

/// Tokens back from which something can reach a token over all layers; none: from the text's beginning.
std::optional<std::int64_t> reach(const model::TransformerConfig& config) {
  std::int64_t tokens = 0;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    if (config.window(layer) == 0) return std::nullopt;
    tokens += config.window(layer) - 1;
  }
  return tokens;
}

class MaskCheck {
 public:
  explicit MaskCheck(CheckRun& run)
      : run_(run),
        config_(run.model().config()),
        text_(run.random_text()),
        half_(static_cast<std::int64_t>(text_.size()) / 2) {}

  [[nodiscard]] CheckResult result() {
    grow_over_turns();
    mask_of_a_batch();
    perturb_every_token();
    pad();
    return findings_.result(
        formatted("%zu tokens in turns, each of them changed once, padded", text_.size()),
        "keys seen grow by the new tokens; a change reaches every later token and no earlier one; padding nothing");
  }

 private:
  [[nodiscard]] Ids part(std::int64_t first, std::int64_t end) const {
    return {text_.begin() + first, text_.begin() + end};
  }
  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(text_.size()); }

  /// What queries and softmax cost is what they see: the products of every turn are counted key by key.
  void grow_over_turns() {
    const auto processor = run_.processor();
    std::int64_t past = 0;
    for (std::int64_t count = 1; past < length(); count = count % 5 + 2) {
      const std::int64_t end = std::min(past + count, length());
      const snn::SiteCounts scores = processor->ledger().total(snn::Site::scores);
      const snn::SiteCounts mix = processor->ledger().total(snn::Site::mix);
      static_cast<void>(processor->forward(one_row(part(past, end)), std::nullopt, {}, runtime::UseCache::yes));
      std::uint64_t keys = 0;
      for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
        keys += keys_visible(config_, layer, first_read(config_, past, end), end);
      }
      const auto width = static_cast<std::uint64_t>(config_.heads * config_.head_dim);
      const std::string where = "tokens " + std::to_string(past) + " to " + std::to_string(end - 1);
      findings_.expect(processor->ledger().total(snn::Site::scores).macs - scores.macs == width * keys,
                       where + ": queries meet another number of keys");
      findings_.expect(processor->ledger().total(snn::Site::mix).macs - mix.macs == width * keys,
                       where + ": the softmax weighs another number of values");
      findings_.expect(at::equal(processor->attention_mask(), at::ones({1, end}, at::kLong)),
                       where + ": the mask does not cover what was read and nothing else");
      past = end;
    }
  }

  /// Two conversations of different lengths: places without a token are 0, over the turns too.
  void mask_of_a_batch() {
    const auto processor = run_.processor();
    const Ids whole = part(0, std::max<std::int64_t>(half_, 1));
    const Ids few{whole.front()};
    const auto width = static_cast<std::int64_t>(whole.size());
    for (std::int64_t turn = 1; turn <= 2; ++turn) {
      if (turn * width > config_.max_positions) return;
      const PaddedBatch batch = padded_batch({few, whole}, width, 0);
      static_cast<void>(processor->forward(batch.ids, batch.mask, {}, runtime::UseCache::yes));
      const at::Tensor mask = processor->attention_mask();
      const std::string where = "turn " + std::to_string(turn) + " of a batch: ";
      findings_.expect(mask.size(1) == turn * width, where + "the mask is not as long as the longest row");
      findings_.expect(at::equal(mask.sum(1), at::tensor({turn, turn * width}, at::kLong)),
                       where + "the mask shows other tokens than were read");
    }
  }

  /// The text in two turns: [length, vocab_size].
  [[nodiscard]] at::Tensor read(const Ids& text) {
    const auto processor = run_.processor();
    std::vector<at::Tensor> turns;
    for (const auto& [first, end] : {std::pair{std::int64_t{0}, half_}, {half_, length()}}) {
      if (first == end) continue;
      const Ids turn(text.begin() + first, text.begin() + end);
      turns.push_back(processor->forward(one_row(turn), std::nullopt, {}, runtime::UseCache::yes)[0]);
    }
    return at::cat(turns);
  }

  void perturb_every_token() {
    const at::Tensor before = read(text_);
    const std::optional<std::int64_t> within = reach(config_);
    for (std::int64_t j = 0; j < length(); ++j) {
      Ids changed = text_;
      changed[j] = (changed[j] + 1) % config_.vocab_size;
      const at::Tensor after = read(changed);
      const std::string what = "token " + std::to_string(j);
      findings_.expect(same_bits(before.narrow(0, 0, j), after.narrow(0, 0, j)), what + " is seen before it is said");
      findings_.expect(!same_bits(before[j], after[j]), what + " does not see itself");
      const std::int64_t last = length() - 1;
      const bool should_differ = !within || last - j <= *within;
      findings_.expect(same_bits(before[last], after[last]) != should_differ,
                       should_differ ? what + " is forgotten at the end of the text"
                                     : what + " is still seen behind every sliding window");
      tell(run_.plan().progress, j + 1, length());
    }
  }

  void pad() {
    const Ids whole = part(0, std::max<std::int64_t>(half_, 1));
    const Ids few = part(0, (static_cast<std::int64_t>(whole.size()) + 1) / 2);
    const auto width = static_cast<std::int64_t>(whole.size());
    const auto count = static_cast<std::int64_t>(few.size());
    const at::Tensor alone = run_.processor()->forward(one_row(few), std::nullopt, {}, runtime::UseCache::yes)[0];
    for (const std::int64_t filler : {std::int64_t{0}, config_.vocab_size - 1}) {
      for (const std::int64_t extra : {0, 3}) {
        const PaddedBatch batch = padded_batch({few, whole}, width + extra, filler);
        const at::Tensor logits = run_.processor()->forward(batch.ids, batch.mask, {}, runtime::UseCache::yes);
        findings_.expect(same_bits(logits[0].narrow(0, width + extra - count, count), alone),
                         "a row with " + std::to_string(width + extra - count) + " places of padding (id " +
                             std::to_string(filler) + ") has other logits than alone");
      }
    }
  }

  CheckRun& run_;
  const model::TransformerConfig& config_;
  Ids text_;
  std::int64_t half_;
  Findings findings_;
};

}  // namespace

CheckResult check_attention_mask(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  return MaskCheck(run).result();
}

}  // namespace stac::eval
