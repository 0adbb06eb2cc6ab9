// In how many bits a number waits between two uses. Arithmetic stays in f32 or wider, as accelerators with 16-bit
// memory and wide accumulators do it (Micikevicius et al., "Mixed Precision Training", arXiv:1710.03740).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace stac::model {

enum class Storage { f32, bf16, f16 };

[[nodiscard]] std::string_view storage_name(Storage storage);
/// @throws stac::UsageError  none of f32, bf16, f16
[[nodiscard]] Storage parse_storage(const std::string& name);

/// What comes back of each value: the nearest that the storage holds, ties to even. Beyond f16's 65504: infinite.
void store(Storage storage, float* values, std::int64_t count);

}  // namespace stac::model
