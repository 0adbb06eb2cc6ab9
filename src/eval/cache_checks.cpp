// What the cache keeps between forwards, and for whom.
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "bits.hpp"
#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "stac/model/random.hpp"
#include "stac/runtime/cached_sequence.hpp"

namespace stac::eval {
namespace {

using Ids = std::vector<std::int64_t>;
using runtime::UseCache;

constexpr int kSplits = 4;

class CacheCheck {
 public:
  explicit CacheCheck(CheckRun& run) : run_(run), text_(run.random_text()), other_(text_.rbegin(), text_.rend()) {
    whole_ = run_.spiking().start()->append(text_, model::LogitRows::all);
  }

  [[nodiscard]] CheckResult result() {
    for (int split = 0; split < kSplits; ++split) read_in_parts(split);
    keep_conversations_apart();
    start_afresh();
    cut_back();
    return findings_.result(formatted("%zu tokens in %d splits, beside another conversation, again after a reset and "
                                      "behind a cut",
                                      text_.size(), kSplits),
                            "bit for bit the logits of one forward; the cache grows by the tokens read");
  }

 private:
  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(text_.size()); }

  /// The logits of tokens first .. end - 1 when nothing behind them is read: a part of the whole text's, but where
  /// angles follow the length of the text.
  [[nodiscard]] at::Tensor expected(std::int64_t first, std::int64_t end) {
    const auto& rotary = run_.model().config().rotary;
    if (!rotary || !model::changes_angles(*rotary, length())) return whole_.narrow(0, first, end - first);
    const auto text = std::span(text_).first(static_cast<std::size_t>(end));
    return run_.spiking().start()->append(text, model::LogitRows::all).narrow(0, first, end - first);
  }

  [[nodiscard]] at::Tensor forward(Processor& processor, const Ids& text, std::int64_t first,
                                   std::int64_t count) const {
    const Ids part(text.begin() + first, text.begin() + first + count);
    return processor.forward(one_row(part), std::nullopt, UseCache::yes)[0];
  }

  /// Split 0 is token by token; the others are random.
  void read_in_parts(int split) {
    const auto processor = run_.processor();
    const std::string name = split == 0 ? "token by token" : "split " + std::to_string(split);
    std::uint64_t draws = static_cast<std::uint64_t>(split) << 32U;
    for (std::int64_t first = 0; first < length();) {
      const auto rest = static_cast<double>(length() - first);
      const std::int64_t count =
          split == 0 ? 1 : 1 + static_cast<std::int64_t>(model::uniform(run_.plan().seed, draws++) * rest);
      const at::Tensor logits = forward(*processor, text_, first, count);
      findings_.expect(same_bits(logits, expected(first, first + count)),
                       name + ": tokens " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                           " have other logits than in one forward");
      first += count;
      findings_.expect(processor->cached_length(0) == first, name + ": the cache holds " +
                                                                 std::to_string(processor->cached_length(0)) +
                                                                 " tokens behind " + std::to_string(first));
    }
  }

  /// Two conversations of one model turn by turn, in processors of their own and as rows of one batch.
  void keep_conversations_apart() {
    const auto mine = run_.processor(), theirs = run_.processor(), both = run_.processor();
    const std::int64_t half = length() / 2;
    for (const auto& [first, count] : {std::pair{std::int64_t{0}, half}, {half, length() - half}}) {
      if (count == 0) continue;
      const std::string where = "tokens " + std::to_string(first) + " to " + std::to_string(first + count - 1);
      const at::Tensor alone = expected(first, first + count);
      findings_.expect(same_bits(forward(*mine, text_, first, count), alone),
                       where + ": another conversation in between changes the logits");
      static_cast<void>(forward(*theirs, other_, first, count));
      const Ids mine_part(text_.begin() + first, text_.begin() + first + count);
      const Ids other_part(other_.begin() + first, other_.begin() + first + count);
      const PaddedBatch batch = padded_batch({other_part, mine_part}, count, 0);
      findings_.expect(same_bits(both->forward(batch.ids, std::nullopt, UseCache::yes)[1], alone),
                       where + ": another row of the batch changes the logits");
    }
  }

  void start_afresh() {
    const auto processor = run_.processor();
    static_cast<void>(forward(*processor, other_, 0, length()));
    static_cast<void>(processor->forward(one_row(text_), std::nullopt, UseCache::no));
    findings_.expect(processor->cached_length(0) == length(), "a forward without the cache changed it");
    processor->reset_cache();
    findings_.expect(processor->cached_length(0) == 0, "the cache is not empty after a reset");
    findings_.expect(same_bits(forward(*processor, text_, 0, length()), whole_),
                     "after a reset the logits remember what was read before");
  }

  /// A conversation that is cut back to a beginning and goes on otherwise.
  void cut_back() {
    if (length() < 3) return;
    const Ids kept(text_.begin(), text_.begin() + length() / 2);
    runtime::CachedSequence sequence(run_.spiking());
    static_cast<void>(sequence.append(text_, model::LogitRows::last));
    Ids cut = kept;
    cut.push_back(other_.front());
    const std::int64_t cached = sequence.align(cut);
    const at::Tensor logits =
        sequence.append(std::span(cut).subspan(static_cast<std::size_t>(cached)), model::LogitRows::last);
    const at::Tensor fresh = run_.spiking().start()->append(cut, model::LogitRows::last);
    findings_.expect(same_bits(logits, fresh), "behind a cut the logits remember what was cut off");
    findings_.expect(sequence.length() == static_cast<std::int64_t>(cut.size()), "a cut left another length");
  }

  CheckRun& run_;
  Ids text_, other_;
  at::Tensor whole_;
  Findings findings_;
};

}  // namespace

CheckResult check_kv_cache(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  return CacheCheck(run).result();
}

}  // namespace stac::eval
