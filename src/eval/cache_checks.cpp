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
    join_and_leave();
    start_afresh();
    cut_back();
    go_within_a_budget();
    return findings_.result(
        formatted("%zu tokens in %d splits, beside others that join and leave, after a reset, a cut, "
                  "and within a budget",
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
    return processor.forward(one_row(part), std::nullopt, {}, UseCache::yes)[0];
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
      findings_.expect(processor->cached_length("0") == first, name + ": the cache holds " +
                                                                   std::to_string(processor->cached_length("0")) +
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
      findings_.expect(same_bits(both->forward(batch.ids, std::nullopt, {}, UseCache::yes)[1], alone),
                       where + ": another row of the batch changes the logits");
    }
  }

  /// Rows are conversations by their names: they come in another order, and one is away for a turn.
  void join_and_leave() {
    const auto processor = run_.processor();
    const std::int64_t part = length() / 3;
    if (part == 0) return;
    const auto piece = [&](const Ids& text, std::int64_t turn) {
      return Ids(text.begin() + turn * part, text.begin() + (turn + 1) * part);
    };
    const auto read = [&](const std::vector<Ids>& rows, const std::vector<runtime::ConversationId>& names) {
      return processor->forward(padded_batch(rows, part, 0).ids, std::nullopt, names, UseCache::yes);
    };
    static_cast<void>(read({piece(text_, 0), piece(other_, 0)}, {"mine", "theirs"}));
    static_cast<void>(read({piece(other_, 1)}, {"theirs"}));
    const at::Tensor logits = read({piece(other_, 2), piece(text_, 1)}, {"theirs", "mine"});
    findings_.expect(same_bits(logits[1], expected(part, 2 * part)),
                     "a conversation that was away for a turn has other logits than alone");
    findings_.expect(processor->cached_length("mine") == 2 * part && processor->cached_length("theirs") == 3 * part,
                     "conversations that join and leave are mixed up");
  }

  void start_afresh() {
    const auto processor = run_.processor();
    static_cast<void>(forward(*processor, other_, 0, length()));
    static_cast<void>(processor->forward(one_row(text_), std::nullopt, {}, UseCache::no));
    findings_.expect(processor->cached_length("0") == length(), "a forward without the cache changed it");
    processor->reset_cache();
    findings_.expect(processor->cached_length("0") == 0, "the cache is not empty after a reset");
    findings_.expect(same_bits(forward(*processor, text_, 0, length()), whole_),
                     "after a reset the logits remember what was read before");
    const auto sequence = run_.spiking().start();
    static_cast<void>(sequence->append(other_, model::LogitRows::last));
    sequence->reset();
    findings_.expect(same_bits(sequence->append(text_, model::LogitRows::all), whole_),
                     "a sequence that was reset remembers what it had read before");
  }

  /// A conversation that is cut back to a beginning and goes on otherwise.
  void cut_back() {
    const std::int64_t kept = length() / 2;
    if (kept == 0) return;
    Ids cut(text_.begin(), text_.begin() + kept);
    cut.push_back(other_.front());
    const at::Tensor fresh = run_.spiking().start()->append(cut, model::LogitRows::last);

    const auto processor = run_.processor();
    static_cast<void>(forward(*processor, text_, 0, length()));
    processor->truncate("0", kept);
    const std::int64_t cached = processor->cached_length("0");  // 0 where angles follow the length of the text
    findings_.expect(cached == kept || cached == 0, "a cut left another length");
    const at::Tensor logits = forward(*processor, cut, cached, kept + 1 - cached);
    findings_.expect(same_bits(logits.narrow(0, logits.size(0) - 1, 1), fresh),
                     "behind a cut the logits remember what was cut off");

    runtime::CachedSequence sequence(run_.spiking());
    static_cast<void>(sequence.append(text_, model::LogitRows::last));
    const auto aligned = static_cast<std::size_t>(sequence.align(cut));
    findings_.expect(same_bits(sequence.append(std::span(cut).subspan(aligned), model::LogitRows::last), fresh),
                     "a sequence that is aligned to another text remembers the old one");
    findings_.expect(sequence.ids() == cut, "a sequence that is aligned to another text holds other ids");
  }

  /// A budget of one conversation costs the other, tells which, and leaves the first its logits.
  void go_within_a_budget() {
    runtime::TemporalSpikeProcessor measured(run_.spiking());
    static_cast<void>(measured.forward(one_row(text_)));
    std::vector<runtime::ConversationId> dropped;
    runtime::ProcessorOptions options;
    options.kv_budget_bytes = measured.cached_bytes();
    options.on_drop = [&](const runtime::DroppedConversation& lost) { dropped.push_back(lost.id); };
    const auto processor = run_.processor(options);
    static_cast<void>(processor->forward(one_row(other_), std::nullopt, {"old"}, UseCache::yes));
    const at::Tensor logits = processor->forward(one_row(text_), std::nullopt, {"new"}, UseCache::yes);
    findings_.expect(same_bits(logits[0], whole_), "under a budget the logits are others");
    findings_.expect(dropped == std::vector<runtime::ConversationId>{"old"},
                     "the budget of one conversation did not cost the least recently used one");
    findings_.expect(processor->cached_length("old") == 0 && processor->cached_length("new") == length(),
                     "the budget left another conversation than the one used last");
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
