#include "stac/cli/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "stac/cli/interruption.hpp"
#include "stac/io/byte_text.hpp"

namespace stac::cli {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kBetweenDraws = std::chrono::milliseconds(100);
constexpr std::int64_t kCells = 30;

void put(const std::string& text) { static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size())); }

std::string clock_time(double seconds) {
  char buffer[32];
  const auto total = static_cast<long>(seconds + 0.5);
  std::snprintf(buffer, sizeof buffer, "%ld:%02ld", total / 60, total % 60);
  return buffer;
}

}  // namespace

ProgressBar::ProgressBar(std::string label, bool visible, ProgressUnit unit)
    : label_(std::move(label)),
      visible_(visible),
      unit_(unit),
      start_(Clock::now()),
      work_start_(start_),
      last_draw_(start_) {}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::update(std::int64_t done, std::int64_t total) {
  throw_if_interrupted();
  if (!visible_) return;
  const auto now = Clock::now();
  if (total != total_ || done < done_) {
    done_before_ = done;
    work_start_ = now;
  }
  done_ = done;
  total_ = total;
  if (now - start_ < kPatience || (drawn_ && now - last_draw_ < kBetweenDraws)) return;
  put("\r\x1b[2K" + line(done, total, now));
  drawn_ = true;
  last_draw_ = now;
}

void ProgressBar::update(const std::string& label, std::int64_t done, std::int64_t total) {
  label_ = label;
  update(done, total);
}

void ProgressBar::finish() {
  if (drawn_) put("\r\x1b[2K");
  drawn_ = false;
}

std::string ProgressBar::line(std::int64_t done, std::int64_t total, Clock::time_point now) const {
  if (total <= 0) return label_ + "  " + clock_time(std::chrono::duration<double>(now - start_).count());
  const double elapsed = std::chrono::duration<double>(now - work_start_).count();
  const std::int64_t shown = std::clamp<std::int64_t>(done, 0, total);
  const auto filled = static_cast<std::size_t>(kCells * shown / total);
  std::string text = label_ + "  [" + std::string(filled, '#') + std::string(kCells - filled, '.') + "] " +
                     std::to_string(100 * shown / total) + "%  ";
  const double rate = elapsed > 0.0 ? static_cast<double>(shown - done_before_) / elapsed : 0.0;
  text += amounts(shown, total, rate);
  if (rate > 0) text += "  " + clock_time(static_cast<double>(total - shown) / rate) + " left";
  return text;
}

std::string ProgressBar::amounts(std::int64_t done, std::int64_t total, double rate) const {
  if (unit_ == ProgressUnit::steps) return std::to_string(done) + "/" + std::to_string(total);
  const auto text = [](std::int64_t bytes) { return io::byte_text(static_cast<std::uint64_t>(bytes)); };
  return text(done) + " of " + text(total) + "  " + io::byte_text(static_cast<std::uint64_t>(std::max(rate, 0.0))) +
         "/s";
}

}  // namespace stac::cli
