#include "stac/convert/threshold_calibration.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace stac::convert {
namespace {

constexpr std::int64_t kChannels = 24;

/// Rows whose channels differ in size by factors of up to a hundred.
at::Tensor uneven_rows(std::int64_t rows, const at::Tensor& sizes) { return at::randn({rows, kChannels}) * sizes; }

class ThresholdCalibration : public ::testing::Test {
 protected:
  ThresholdCalibration() {
    at::manual_seed(3);
    sizes_ = at::randn({kChannels}).mul(1.2).exp();
    rows_ = {uneven_rows(256, sizes_), {uneven_rows(64, sizes_)}};
    reader_ = at::randn({10, kChannels}) / sizes_;  // every channel matters
  }

  at::Tensor sizes_, reader_;
  SiteRows rows_;
};

TEST_F(ThresholdCalibration, ProfilesOfUnevenChannelsLowerTheErrorOnUnseenRows) {
  const snn::Population start{{4, 3}};
  for (const ProfileChoice profile :
       {ProfileChoice::weights, ProfileChoice::rms, ProfileChoice::max, ProfileChoice::percentile}) {
    const CalibratedSite site = calibrate(start, rows_, reader_, profile, ThresholdChoice::adaptive, false);
    EXPECT_LT(site.choice.error, 0.5 * site.choice.plain) << profile_choice_name(profile);
    EXPECT_EQ(site.choice.profile, profile_choice_name(profile));
    EXPECT_EQ(site.population.profile.size(), static_cast<std::size_t>(kChannels));
  }
}

TEST_F(ThresholdCalibration, TheBestProfileIsNoWorseOnFittedRowsThanAnyOther) {
  const snn::Population start{{3, 3}};
  const SiteRows same{rows_.fit, {rows_.fit}};
  const double best =
      calibrate(start, same, reader_, ProfileChoice::best, ThresholdChoice::adaptive, false).choice.error;
  for (const ProfileChoice profile : {ProfileChoice::none, ProfileChoice::weights, ProfileChoice::rms,
                                      ProfileChoice::max, ProfileChoice::percentile, ProfileChoice::mse}) {
    EXPECT_LE(best, calibrate(start, same, reader_, profile, ThresholdChoice::adaptive, false).choice.error);
  }
}

TEST_F(ThresholdCalibration, IsDroppedWhereUnseenRowsSpeakAgainstIt) {
  const snn::Population start{{3, 3}};
  const SiteRows changed{rows_.fit, {uneven_rows(64, 1.0 / sizes_)}};
  const CalibratedSite site = calibrate(start, changed, reader_, ProfileChoice::max, ThresholdChoice::adaptive, false);
  EXPECT_TRUE(site.choice.dropped);
  EXPECT_EQ(site.population, start);
  EXPECT_EQ(site.choice.error, site.choice.plain);
}

TEST_F(ThresholdCalibration, IsDroppedWhereOneOfTheTextsThatJudgeSpeaksAgainstIt) {
  const snn::Population start{{3, 3}};
  const at::Tensor alike = rows_.judges.front(), other = uneven_rows(64, 1.0 / sizes_);
  const auto calibrated = [&](const std::vector<at::Tensor>& judges) {
    return calibrate(start, {rows_.fit, judges}, reader_, ProfileChoice::max, ThresholdChoice::adaptive, true);
  };
  EXPECT_FALSE(calibrated({alike}).choice.dropped);
  EXPECT_FALSE(calibrated({alike, uneven_rows(64, sizes_)}).choice.dropped);
  for (const CalibratedSite& site : {calibrated({alike, other}), calibrated({other, alike})}) {
    EXPECT_TRUE(site.choice.dropped);
    EXPECT_TRUE(site.population.profile.empty());
    EXPECT_EQ(site.plain, start);
  }
}

TEST_F(ThresholdCalibration, AddsNoRestThatDoesHarmOnOneText) {
  const snn::Population start{{1, 3}};
  const at::Tensor positive = rows_.judges.front().abs() + 0.3;
  const auto rest_with = [&](const std::vector<at::Tensor>& judges) {
    const SiteRows rows{rows_.fit.abs() + 0.3, judges};
    return calibrate(start, rows, reader_, ProfileChoice::none, ThresholdChoice::adaptive, true).choice.rest;
  };
  EXPECT_TRUE(rest_with({positive, positive}));
  EXPECT_FALSE(rest_with({positive, -positive}));
}

TEST(Profiles, LeaveAThresholdToChannelsThatTheTextLeftSilent) {
  at::manual_seed(4);
  at::Tensor rows = at::randn({64, 8});
  rows.select(1, 5).zero_();  // a ReLU unit that never fired
  for (const ProfileChoice choice :
       {ProfileChoice::rms, ProfileChoice::max, ProfileChoice::percentile, ProfileChoice::mse}) {
    const std::vector<float> profile = profile_of(choice, rows, at::ones({8}, at::kDouble), {3, 3});
    const float largest = *std::ranges::max_element(profile);
    EXPECT_GT(profile[5], 0.1F * largest) << profile_choice_name(choice);
    EXPECT_LT(profile[5], 0.5F * largest) << profile_choice_name(choice);
  }
}

TEST(PercentileProfile, PassesOverTheRarestMembranes) {
  at::manual_seed(5);
  at::Tensor rows = at::randn({2000, 2}).abs();
  rows[17][1] = 1000.0;  // once
  const std::vector<float> profile = profile_of(ProfileChoice::percentile, rows, at::ones({2}, at::kDouble), {3, 3});
  const auto at_percentile = [&](std::int64_t channel) {
    std::vector<float> sorted;
    for (std::int64_t i = 0; i < 2000; ++i) sorted.push_back(rows[i][channel].item<float>());
    std::ranges::sort(sorted);
    return sorted[1997] + 0.001F * (sorted[1998] - sorted[1997]);  // 0.999 of the way from the first to the last
  };
  EXPECT_NEAR(profile[1] / profile[0], at_percentile(1) / at_percentile(0), 1e-5);
  EXPECT_LT(profile[1] / profile[0], 2.0F);
}

TEST_F(ThresholdCalibration, StaticFullScalesClipWhatIsRareWhereStepsAreFew) {
  at::Tensor spiky = at::randn({512, kChannels});
  spiky[0][3] = 60.0;  // one membrane far above all others
  const SiteRows rows{spiky, {at::randn({64, kChannels})}};
  const CalibratedSite site =
      calibrate({{3, 2}}, rows, at::randn({10, kChannels}), ProfileChoice::none, ThresholdChoice::fixed, false);
  EXPECT_LT(site.choice.clip, 1.0);
  ASSERT_EQ(site.population.full_scale.size(), 1U);
  EXPECT_LT(site.population.full_scale[0], 60.0F);
}

TEST_F(ThresholdCalibration, RestIsWhatCoarseWindowsLeaveUnsaidOnAverage) {
  const SiteRows positive{rows_.fit.abs() + 0.3, {rows_.judges.front().abs() + 0.3}};
  const snn::Population start{{1, 3}};  // says -1, 0 and 1 alone
  const CalibratedSite site = calibrate(start, positive, reader_, ProfileChoice::none, ThresholdChoice::adaptive, true);
  EXPECT_TRUE(site.choice.rest);
  EXPECT_LT(site.choice.error, 0.9 * site.choice.plain);
}

TEST_F(ThresholdCalibration, GroupsGetFullScalesOfTheirOwn) {
  const CalibratedSite site =
      calibrate({{8, 2}, 8}, rows_, reader_, ProfileChoice::none, ThresholdChoice::fixed, false);
  EXPECT_EQ(site.population.full_scale.size(), 3U);
}

}  // namespace
}  // namespace stac::convert
