// How far a long piece of work is: on stderr, on a terminal, and only once it has taken two seconds.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace stac::cli {

class ProgressBar {
 public:
  /// @param visible  false: draws nothing (not a terminal, --quiet), but still notices Ctrl-C
  ProgressBar(std::string label, bool visible);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// @throws Interrupted  if Ctrl-C was pressed
  void update(std::int64_t done, std::int64_t total);
  /// Another piece of work under the same bar. @throws Interrupted
  void update(const std::string& label, std::int64_t done, std::int64_t total);
  /// Wipes the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string line(std::int64_t done, std::int64_t total, Clock::time_point now) const;

  std::string label_;
  bool visible_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point last_draw_;
};

}  // namespace stac::cli
