// How much memory a piece of work touches, from the kernel's own marks on its pages (proc(5), /proc/pid/clear_refs). A
// count of pages, not of time: it does not depend on how fast or busy the machine is.
#pragma once
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace stac::testing {

/// Bytes of the pages that this process has used since the marks were cleared.
inline std::int64_t referenced_bytes() {
  std::ifstream maps("/proc/self/smaps");
  std::int64_t kibibytes = 0;
  for (std::string line; std::getline(maps, line);) {
    if (!line.starts_with("Referenced:")) continue;
    std::int64_t of_mapping = 0;
    std::istringstream(line.substr(line.find(':') + 1)) >> of_mapping;
    kibibytes += of_mapping;
  }
  return kibibytes * 1024;
}

/// Bytes of the pages that `work` touches; nothing where the kernel does not keep count.
template <typename Work>
std::optional<std::int64_t> touched_bytes(const Work& work) {
  std::ofstream marks("/proc/self/clear_refs");
  if (!(marks << "1" << std::flush)) return std::nullopt;
  work();
  return referenced_bytes();
}

}  // namespace stac::testing
