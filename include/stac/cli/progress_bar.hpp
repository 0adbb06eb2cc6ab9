// How far a long piece of work is: on stderr, on a terminal, and only once it has taken two seconds.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace stac::cli {

/// What `done` and `total` count: steps of any kind, or bytes, which also have a speed.
enum class ProgressUnit { steps, bytes };

class ProgressBar {
 public:
  /// @param visible  false: draws nothing (not a terminal, --quiet), but still notices Ctrl-C
  ProgressBar(std::string label, bool visible, ProgressUnit unit = ProgressUnit::steps);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Where `total` changes or `done` falls another piece of work has begun, whose speed is its own.
  /// @param total  0: not known
  /// @throws Interrupted  if Ctrl-C was pressed
  void update(std::int64_t done, std::int64_t total);
  /// Another piece of work under the same bar. @throws Interrupted
  void update(const std::string& label, std::int64_t done, std::int64_t total);
  /// Wipes the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string line(std::int64_t done, std::int64_t total, Clock::time_point now) const;
  [[nodiscard]] std::string amounts(std::int64_t done, std::int64_t total, double rate) const;

  std::string label_;
  bool visible_;
  ProgressUnit unit_;
  bool drawn_ = false;
  std::int64_t done_before_ = 0;  ///< when this piece of work began; says nothing about its speed
  std::int64_t done_ = 0, total_ = 0;
  Clock::time_point start_, work_start_;
  Clock::time_point last_draw_;
};

}  // namespace stac::cli
