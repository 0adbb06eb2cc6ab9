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

StopText::StopText(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase_if(stops_, [](const std::string& stop) { return stop.empty(); });
}

std::string StopText::push(std::string_view piece) {
  if (met_) return {};
  held_ += piece;
  std::size_t end = std::string::npos, open = 0;
  for (const std::string& stop : stops_) {
    end = std::min(end, held_.find(stop));
    open = std::max(open, begun(held_, stop));
  }
  met_ = end != std::string::npos;
  const std::size_t certain = met_ ? end : held_.size() - open;
  std::string text = held_.substr(0, certain);
  held_.erase(0, certain);
  return text;
}

std::string StopText::finish() { return met_ ? std::string() : std::exchange(held_, {}); }

}  // namespace stac::runtime
