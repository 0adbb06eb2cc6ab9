// The loop that turns a prompt into an answer, one token at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stac/error.hpp"
#include "stac/runtime/cached_sequence.hpp"
#include "stac/runtime/sampling.hpp"

namespace stac::runtime {

enum class StopReason {
  eos,           ///< the model ended its answer with a stop id
  length,        ///< max_new_tokens are written
  context_full,  ///< every position of the model is taken by the text so far
  cancelled,
  stop_text  ///< the answer came to the text that ends it (ChatForm::stop_text)
};

/// "eos", "length", "context full", "cancelled", "stop text"
[[nodiscard]] std::string_view stop_reason_name(StopReason reason);

struct GenerationOptions {
  SamplingOptions sampling;
  std::int64_t max_new_tokens = 256;       ///< >= 0
  std::vector<std::int64_t> stop_ids;      ///< each ends the answer and is no part of it
  std::optional<std::int64_t> vocabulary;  ///< ids from here on are never chosen (a tokenizer may know fewer than the
                                           ///< model has rows); not given: all of the model's
};

/// How a caller watches and stops a generation.
struct GenerationHooks {
  std::function<void(std::int64_t)> on_token;  ///< every token of the answer, as soon as it is chosen; may be empty
  std::function<bool()> cancelled;             ///< asked before every token and every block of the prompt; may be empty
};

struct GenerationResult {
  std::vector<std::int64_t> ids;  ///< the answer, without the stop id
  StopReason reason = StopReason::eos;
  std::optional<std::int64_t> stop_id;  ///< where the reason is eos
  double prompt_seconds = 0;            ///< reading the prompt
  double answer_seconds = 0;            ///< all that followed
};

/// A prompt that the model's positions cannot hold.
class ContextFull : public Error {
 public:
  using Error::Error;
};

/// Reads `prompt` after what `sequence` holds already, then chooses tokens until something stops it. Text and answer
/// together never exceed max_positions. A chosen token is read only when the one after it is wanted, so the last one of
/// an answer is not cached; a cancelled prompt may be cached in part.
/// @param prompt  at least one id
/// @throws ContextFull   the prompt does not fit: nothing of it was read
/// @throws stac::Error   an empty prompt, a logit that is not finite, an id that the model refuses
/// @throws stac::UsageError  see require_valid(SamplingOptions); a negative max_new_tokens
GenerationResult generate(CachedSequence& sequence, std::span<const std::int64_t> prompt,
                          const GenerationOptions& options, const GenerationHooks& hooks = {});

}  // namespace stac::runtime
