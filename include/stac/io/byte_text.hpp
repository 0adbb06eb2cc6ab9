// Numbers of bytes, for people.
#pragma once
#include <cstdint>
#include <string>

namespace stac::io {

/// 0 -> "0 B", 1234567 -> "1.2 MB", 3422777952 -> "3.4 GB": decimal units, as the hub and disks count.
[[nodiscard]] std::string byte_text(std::uint64_t bytes);

}  // namespace stac::io
