// When to try again, and when to stop.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "io/hub/http.hpp"
#include "stac/io/hub_access.hpp"

namespace stac::io {

/// Statuses that pass by themselves: 408, 429, 500, 502, 503, 504.
[[nodiscard]] bool is_passing(int status);

/// What a reply's Retry-After asks for: seconds, or a date. nullopt where it says nothing that can be read.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const HttpHead& head);

/// Counts failures in a row and waits between them, twice as long every time.
class Retry {
 public:
  /// @param subject  what is tried, for messages
  /// @param tick     called while it waits; may throw
  /// @param warn     told why it waits
  Retry(const HubPatience& patience, std::string subject, std::function<void()> tick,
        std::function<void(const std::string&)> warn);

  /// Waits before the next attempt.
  /// @param asked  by the server
  /// @throws stac::Error  enough attempts failed, or the server asks for too long a wait
  void wait_after(const std::string& failure, std::optional<std::chrono::milliseconds> asked = std::nullopt);

  /// Something new arrived: the count begins anew.
  void progressed() { failures_ = 0; }

 private:
  [[nodiscard]] std::chrono::milliseconds pause() const;

  HubPatience patience_;
  std::string subject_;
  std::function<void()> tick_;
  std::function<void(const std::string&)> warn_;
  int failures_ = 0;
};

}  // namespace stac::io
