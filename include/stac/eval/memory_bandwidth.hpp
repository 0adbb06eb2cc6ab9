// How fast this machine reads memory: what decoding is held against, whose every token reads all weights.
#pragma once

namespace stac::eval {

/// Bytes per second of reading an array that no cache holds (512 MiB, on huge pages where the system gives them), each
/// thread a part of its own, fetched ahead; the best of a few passes, about half a second. On the threads that LibTorch
/// is set to.
[[nodiscard]] double memory_bandwidth();

}  // namespace stac::eval
