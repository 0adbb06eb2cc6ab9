// What each overflow policy leaves of a conversation, on random ids and any model: no tokenizer takes part.
#pragma once
#include "findings.hpp"
#include "stac/eval/check_run.hpp"

namespace stac::eval {

/// Holds a conversation that overflows its context several times under every policy that the model can follow.
/// @return the policies, as text
[[nodiscard]] std::string overflow_under_every_policy(CheckRun& run, Findings& findings);

}  // namespace stac::eval
