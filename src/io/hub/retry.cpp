#include "io/hub/retry.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <thread>
#include <utility>

#include "io/hub/duration_text.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};  // how long Ctrl-C may go unnoticed

void sleep(milliseconds time, const std::function<void()>& tick) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (true) {
    tick();
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    if (left <= milliseconds::zero()) return;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

}  // namespace

bool is_passing(int status) {
  constexpr std::array kPassing{408, 429, 500, 502, 503, 504};
  return std::find(kPassing.begin(), kPassing.end(), status) != kPassing.end();
}

std::optional<milliseconds> retry_after(const HttpHead& head) {
  const std::string text = head.header("retry-after");
  if (text.empty()) return std::nullopt;
  unsigned seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed == std::errc() && end == text.data() + text.size()) return std::chrono::seconds(seconds);
  const std::time_t date = curl_getdate(text.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::chrono::seconds(std::max<std::time_t>(0, date - std::time(nullptr)));
}

Retry::Retry(const HubPatience& patience, std::string subject, std::function<void()> tick,
             std::function<void(const std::string&)> warn)
    : patience_(patience), subject_(std::move(subject)), tick_(std::move(tick)), warn_(std::move(warn)) {}

milliseconds Retry::pause() const {
  const double doubled = static_cast<double>(patience_.first_pause.count()) * std::exp2(failures_ - 1);
  return milliseconds(
      static_cast<milliseconds::rep>(std::min(doubled, static_cast<double>(patience_.longest_pause.count()))));
}

void Retry::wait_after(const std::string& failure, std::optional<milliseconds> asked) {
  constexpr const char* kGoesOn = "run the command again later: it goes on from what has arrived";
  if (++failures_ >= patience_.attempts) {
    throw Error(subject_ + ": " + failure + ", " + std::to_string(failures_) + " times in a row", kGoesOn);
  }
  if (asked && *asked > patience_.longest_wait) {
    throw Error(subject_ + ": " + failure + ", and asks to come back in " + duration_text(*asked), kGoesOn);
  }
  const milliseconds time = std::max(pause(), asked.value_or(milliseconds::zero()));
  warn_(subject_ + ": " + failure + "; trying again in " + duration_text(time));
  sleep(time, tick_);
}

}  // namespace stac::io
