#include "runtime/stop_text.hpp"

#include <algorithm>
#include <utility>

namespace stac::runtime {
namespace {

/// How many bytes at the end of `text` begin `stop`.
std::size_t begun(const std::string& text, const std::string& stop) {
  for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
    if (text.ends_with(stop.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

std::string StopText::push(std::string_view piece) {
  if (stop_.empty()) return std::string(piece);
  if (met_) return {};
  held_ += piece;
  const std::size_t at = held_.find(stop_);
  met_ = at != std::string::npos;
  const std::size_t certain = met_ ? at : held_.size() - begun(held_, stop_);
  std::string text = held_.substr(0, certain);
  held_.erase(0, certain);
  return text;
}

std::string StopText::finish() { return met_ ? std::string() : std::exchange(held_, {}); }

}  // namespace stac::runtime
