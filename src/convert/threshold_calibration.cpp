#include "stac/convert/threshold_calibration.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "convert/judged_errors.hpp"
#include "snn/task_queue.hpp"
#include "stac/model/matmul.hpp"
#include "stac/snn/spoken_values.hpp"

namespace stac::convert {
namespace {

constexpr double kQuietest = 1e-3;  // channels below this share of the mean count as if they had it
// Of the mean. A unit that the text left silent may fire on another one; with a threshold near zero it would be read as
// the loudest of its group by far, and silence the others.
constexpr double kSmallestThreshold = 0.25;
constexpr std::array kClips{1.15, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5};
constexpr std::array kProfiles{ProfileChoice::none, ProfileChoice::weights,    ProfileChoice::rms,
                               ProfileChoice::max,  ProfileChoice::percentile, ProfileChoice::mse};
constexpr double kPercentile = 0.999;

double sum_of_squares(const at::Tensor& values) { return values.to(at::kDouble).square().sum().item<double>(); }

std::vector<float> to_vector(const at::Tensor& values) {
  const at::Tensor narrow = values.to(at::kFloat).contiguous();
  return {narrow.data_ptr<float>(), narrow.data_ptr<float>() + narrow.numel()};
}

std::vector<float> normalised(const at::Tensor& theta) {
  const double mean = theta.mean().item<double>();
  if (!(mean > 0.0)) return {};
  const at::Tensor floored = theta.clamp_min(kSmallestThreshold * mean);
  return to_vector(floored / floored.mean());
}

/// Each channel's largest membrane times the clip with which it would be spoken with the least squared error alone.
at::Tensor least_error_scales(const at::Tensor& rows, const snn::Code& code) {
  const at::Tensor wide = rows.to(at::kDouble);
  const at::Tensor largest = wide.abs().amax(0).clamp_min(1e-30);
  const auto levels = static_cast<double>(full_scale(code));
  at::Tensor best = largest, best_error;
  for (const double clip : kClips) {
    const at::Tensor step = largest * (clip / levels);
    const at::Tensor spoken = (wide / step).round().clamp(-levels, levels) * step;
    const at::Tensor error = (wide - spoken).square().sum(0);
    if (best_error.defined()) {
      best = at::where(error < best_error, largest * clip, best);
      best_error = at::minimum(error, best_error);
    } else {
      best = largest * clip;
      best_error = error;
    }
  }
  return best;
}

/// What is asked of one population's windows, and how badly they do it.
class Trial {
 public:
  Trial(const at::Tensor& rows, const at::Tensor& reader)
      : rows_(rows), reader_(reader), target_squares_(sum_of_squares(model::matmul(rows, reader, {}))) {}

  [[nodiscard]] at::Tensor unsaid(const snn::Population& population) const {
    at::Tensor spoken = rows_.clone();
    const snn::SpokenValues says(population);
    const std::int64_t n = rows_.size(1);
    float* const values = spoken.data_ptr<float>();
    snn::for_each_task(rows_.size(0), [&](std::int64_t r) { says.apply(values + r * n, n); });
    return rows_ - spoken;
  }

  /// Squared error of the outputs over their square.
  [[nodiscard]] double error(const snn::Population& population) const {
    if (target_squares_ == 0.0) return 0.0;
    return sum_of_squares(model::matmul(unsaid(population), reader_, {})) / target_squares_;
  }

 private:
  at::Tensor rows_, reader_;
  double target_squares_;
};

class Jury {
 public:
  Jury(const std::vector<at::Tensor>& texts, const at::Tensor& reader) {
    for (const at::Tensor& rows : texts) trials_.emplace_back(rows, reader);
  }

  [[nodiscard]] JudgedErrors errors(const snn::Population& population) const {
    JudgedErrors result;
    for (const Trial& trial : trials_) result.push_back(trial.error(population));
    return result;
  }

 private:
  std::vector<Trial> trials_;
};

/// Largest |x_j / theta_j| of each group over all rows.
std::vector<float> group_maxima(const snn::Population& population, const at::Tensor& rows) {
  at::Tensor scaled = rows.abs().amax(0);
  if (!population.profile.empty()) scaled = scaled / at::tensor(population.profile);
  const std::int64_t channels = rows.size(1);
  std::vector<float> maxima;
  const std::int64_t width = population.group == 0 ? channels : population.group;
  for (std::int64_t first = 0; first < channels; first += width) {
    const float largest = scaled.narrow(0, first, std::min(width, channels - first)).max().item<float>();
    maxima.push_back(std::max(largest, std::numeric_limits<float>::min() * 1e6F));
  }
  return maxima;
}

snn::Population with_full_scale(snn::Population population, const at::Tensor& rows, double clip) {
  population.full_scale = group_maxima(population, rows);
  for (float& scale : population.full_scale) scale *= static_cast<float>(clip);
  return population;
}

struct Candidate {
  snn::Population population;
  std::string profile = "none";
  double clip = 1.0;
};

std::vector<Candidate> candidates(const snn::Population& start, const at::Tensor& fit, const at::Tensor& norms,
                                  ProfileChoice profile, ThresholdChoice thresholds) {
  std::vector<Candidate> result;
  for (const ProfileChoice choice : kProfiles) {
    if (profile != ProfileChoice::best && profile != choice) continue;
    snn::Population population = start;
    population.profile = profile_of(choice, fit, norms, start.code);
    const std::string name(profile_choice_name(choice));
    if (thresholds == ThresholdChoice::adaptive) {
      result.push_back({population, name, 1.0});
      continue;
    }
    for (const double clip : kClips) result.push_back({with_full_scale(population, fit, clip), name, clip});
  }
  return result;
}

}  // namespace

std::vector<float> profile_of(ProfileChoice choice, const at::Tensor& rows, const at::Tensor& norms,
                              const snn::Code& code) {
  const at::Tensor floored = norms.clamp_min(kQuietest * norms.mean().item<double>());
  if (choice == ProfileChoice::none || !(floored.min().item<double>() > 0.0)) return {};
  if (choice == ProfileChoice::weights) return normalised(floored.rsqrt());
  const at::Tensor wide = rows.to(at::kDouble);
  if (choice == ProfileChoice::rms) return normalised((wide.square().mean(0).sqrt() / floored).sqrt());
  if (choice == ProfileChoice::max) return normalised(wide.abs().amax(0));
  if (choice == ProfileChoice::percentile) return normalised(at::quantile(wide.abs(), kPercentile, 0));
  return normalised(least_error_scales(rows, code));
}

CalibratedSite calibrate(const snn::Population& start, const SiteRows& rows, const at::Tensor& reader,
                         ProfileChoice profile, ThresholdChoice thresholds, bool rest) {
  const Trial fit(rows.fit, reader);
  const Jury jury(rows.judges, reader);
  const at::Tensor norms = reader.to(at::kDouble).square().sum(0).sqrt();
  Candidate best;
  double best_error = std::numeric_limits<double>::infinity();
  for (const Candidate& candidate : candidates(start, rows.fit, norms, profile, thresholds)) {
    const double error = fit.error(candidate.population);
    if (!(error < best_error)) continue;
    best = candidate;
    best_error = error;
  }
  const snn::Population plain = thresholds == ThresholdChoice::adaptive ? start : with_full_scale(start, rows.fit, 1.0);
  const JudgedErrors without = jury.errors(plain);
  JudgedErrors with = jury.errors(best.population);
  CalibratedSite site{best.population, {best.profile, best.clip, false, largest(without), largest(with), false}, plain};
  if (does_harm(with, without)) {
    with = without;
    site.population = plain;
    site.choice = SiteChoice{.plain = largest(without), .error = largest(without), .dropped = true};
  }
  if (!rest) return site;
  snn::Population rested = site.population;
  rested.rest = to_vector(fit.unsaid(rested).to(at::kDouble).mean(0));
  const JudgedErrors with_rest = jury.errors(rested);
  if (improves(with_rest, with)) {
    site.population = std::move(rested);
    site.choice.rest = true;
    site.choice.error = largest(with_rest);
  }
  return site;
}

}  // namespace stac::convert
