// Whether a converted model says what its source would have said.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "stac/runtime/cached_sequence.hpp"
#include "stac/runtime/conversation.hpp"

namespace stac::runtime {

/// Where the source's greedy answer first leaves another model's.
struct Difference {
  std::int64_t token = 0;      ///< index in the answer; its length where only the ending differs
  std::int64_t source_id = 0;  ///< what the source chooses there
  std::int64_t answer_id = 0;  ///< what the answer has there
  double source_gap = 0;       ///< the source's largest logit minus its second largest there
};

/// Compares a greedy answer with the source's greedy answer to the same text. The source reads the answer once instead
/// of writing its own: up to the first difference both are the same text.
/// @param source    a cached sequence of the source; goes on from turn to turn
/// @param answer    of a conversation, with the ids that led to it
/// @param options   that it was generated with; temperature 0
/// @return the first difference; none if the source would have answered the same, stop id included
/// @throws stac::UsageError  a temperature above 0: a sampled answer has no greedy counterpart
[[nodiscard]] std::optional<Difference> first_difference(CachedSequence& source, const Answer& answer,
                                                         const GenerationOptions& options);

}  // namespace stac::runtime
