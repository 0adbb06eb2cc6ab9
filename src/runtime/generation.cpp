#include "stac/runtime/generation.hpp"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace stac::runtime {
namespace {

// A prompt is read in blocks, so that a long one can be cancelled.
constexpr std::size_t kPromptBlock = 128;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

bool cancelled(const GenerationHooks& hooks) { return hooks.cancelled && hooks.cancelled(); }

void require_possible(const CachedSequence& sequence, std::span<const std::int64_t> prompt,
                      const GenerationOptions& options) {
  require_valid(options.sampling);
  if (options.max_new_tokens < 0) {
    throw UsageError("the number of new tokens must not be negative: " + std::to_string(options.max_new_tokens));
  }
  if (prompt.empty()) throw Error("the prompt holds no token", "give the model some text to go on from");
  if (static_cast<std::int64_t>(prompt.size()) > sequence.room()) {
    throw ContextFull("the prompt's " + std::to_string(prompt.size()) + " tokens do not fit: the model has " +
                          std::to_string(sequence.max_positions()) + " positions and " +
                          std::to_string(sequence.length()) + " of them are taken",
                      "shorten the text or start a new one");
  }
}

// Logits after the prompt's last token; undefined if cancelled before it was read.
at::Tensor read_prompt(CachedSequence& sequence, std::span<const std::int64_t> prompt, const GenerationHooks& hooks) {
  at::Tensor logits;
  while (!prompt.empty()) {
    if (cancelled(hooks)) return {};
    const std::size_t count = std::min(kPromptBlock, prompt.size());
    logits = sequence.append(prompt.first(count), model::LogitRows::last);
    prompt = prompt.subspan(count);
  }
  return logits;
}

std::int64_t next_token(const at::Tensor& logits, std::span<const std::int64_t> text,
                        const GenerationOptions& options) {
  const at::Tensor row = logits.reshape({-1}).contiguous();
  const std::int64_t count = std::min(row.numel(), options.vocabulary.value_or(row.numel()));
  const std::span<const float> known(row.data_ptr<float>(), static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  return choose_token(known, text, static_cast<std::int64_t>(text.size()), options.sampling);
}

void write_answer(CachedSequence& sequence, at::Tensor logits, const GenerationOptions& options,
                  const GenerationHooks& hooks, GenerationResult& result) {
  std::vector<std::int64_t> text = sequence.ids();
  while (true) {
    if (cancelled(hooks)) {
      result.reason = StopReason::cancelled;
      return;
    }
    if (static_cast<std::int64_t>(result.ids.size()) >= options.max_new_tokens) {
      result.reason = StopReason::length;
      return;
    }
    if (static_cast<std::int64_t>(text.size()) >= sequence.max_positions()) {
      result.reason = StopReason::context_full;
      return;
    }
    if (!result.ids.empty()) logits = sequence.append(std::span(text).last(1), model::LogitRows::last);
    const std::int64_t id = next_token(logits, text, options);
    if (std::find(options.stop_ids.begin(), options.stop_ids.end(), id) != options.stop_ids.end()) {
      result.reason = StopReason::eos;
      result.stop_id = id;
      return;
    }
    text.push_back(id);
    result.ids.push_back(id);
    if (hooks.on_token) hooks.on_token(id);
  }
}

}  // namespace

std::string_view stop_reason_name(StopReason reason) {
  switch (reason) {
    case StopReason::eos:
      return "eos";
    case StopReason::length:
      return "length";
    case StopReason::context_full:
      return "context full";
    case StopReason::cancelled:
      return "cancelled";
    case StopReason::stop_text:
      return "stop text";
  }
  return "unknown";
}

GenerationResult generate(CachedSequence& sequence, std::span<const std::int64_t> prompt,
                          const GenerationOptions& options, const GenerationHooks& hooks) {
  require_possible(sequence, prompt, options);
  GenerationResult result;
  const auto start = Clock::now();
  const at::Tensor logits = read_prompt(sequence, prompt, hooks);
  result.prompt_seconds = seconds_since(start);
  if (!logits.defined()) {
    result.reason = StopReason::cancelled;
    return result;
  }
  const auto answer_start = Clock::now();
  write_answer(sequence, logits, options, hooks, result);
  result.answer_seconds = seconds_since(answer_start);
  return result;
}

}  // namespace stac::runtime
