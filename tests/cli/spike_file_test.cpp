// What the file of `stac-bench --spikes` lets a NumPy user work out: the values that the spikes say, beside those of
// the fused engine's encoder, which knows no spikes.
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>

#include <map>

#include "cli/bench_run.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/report/npz.hpp"
#include "stac/snn/site_observer.hpp"
#include "stac/snn/spoken_values.hpp"

namespace stac::testing {
namespace {

using ::testing::HasSubstr;

/// What every population but the softmax's says, row by row.
class Said final : public snn::SiteObserver {
 public:
  Said(const snn::Plan& plan, std::int64_t head_dim) : plan_(plan), head_dim_(head_dim) {}

  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override {
    const bool per_head = where.site == snn::Site::scores;
    const std::int64_t width = per_head ? head_dim_ : channels;
    snn::Population population = plan_.at(where.layer, where.site);
    population.rest = {};  // no spike says it
    const std::vector<float> full_scale = population.full_scale;
    for (std::int64_t first = 0; first < rows * channels; first += width) {
      if (per_head && !full_scale.empty()) population.full_scale = {full_scale.at(first % channels / width)};
      std::vector<float> row(membranes + first, membranes + first + width);
      snn::SpokenValues(population).apply(row.data(), width);
      values[where].insert(values[where].end(), row.begin(), row.end());
    }
  }

  std::map<snn::SiteId, std::vector<float>> values;

 private:
  const snn::Plan& plan_;
  std::int64_t head_dim_;
};

std::string said_by(const std::filesystem::path& artifact, const eval::TextPlan& text) {
  convert::ModelRequest request;
  request.model = artifact.string();
  const convert::OpenedModel model = convert::open_model(request);
  Said said(model.plan(), model.config().head_dim);
  const snn::SpikingModel network =
      model.network(model.plan(), snn::observed(snn::make_engine(snn::EngineKind::fused), said), model::Storage{});
  const at::NoGradGuard no_gradients;
  static_cast<void>(network.start()->append(eval::read_windows(model, text).windows.front(), model::LogitRows::all));
  report::NpzArchive archive;
  for (const auto& [where, values] : said.values) {
    archive.add(std::to_string(where.layer) + "_" + std::string(snn::site_name(where.site)),
                std::span<const float>(values));
  }
  return archive.finish();
}

constexpr const char* kReconstruction = R"(
import numpy
f = numpy.load('spikes.npz', allow_pickle=False)
said = numpy.load('said.npz')
names = list(f['site_names'])
value = f['sign'].astype(float) * f['weight'] * f['gain_scale'][f['gain']]
for column in ('layer', 'site', 'head', 'token'):
    assert (f[column] == f['gain_' + column][f['gain']]).all(), column
beyond = f['neuron'] - f['gain_first'][f['gain']]
assert (0 <= beyond).all() and (beyond < f['gain_count'][f['gain']]).all()
for place in said.files:
    layer, site = place.split('_', 1)
    here = (f['layer'] == int(layer)) & (f['site'] == names.index(site))
    spoke = (f['gain_layer'] == int(layer)) & (f['gain_site'] == names.index(site))
    width = (f['gain_first'] + f['gain_count'])[spoke].max()
    values = numpy.zeros((16, f['gain_head'][spoke].max() + 1, width))
    numpy.add.at(values, (f['token'][here], f['head'][here], f['neuron'][here]), value[here])
    if 'profile_' + place in f: values *= f['profile_' + place]
    assert numpy.abs(values).max() > 0.01, place
    numpy.testing.assert_allclose(values.ravel(), said[place], rtol=1e-5, atol=1e-7, err_msg=place)
    print('equal', end=' ')
for layer in (0, 1):  # full scale of the softmax is its row's largest weight, exp(0)
    for head in (0, 1):
        for token in range(16):
            row = (f['layer'] == layer) & (f['site'] == names.index('mix')) & (f['head'] == head) & (f['token'] == token)
            weights = numpy.bincount(f['neuron'][row], value[row], minlength=token + 1)
            assert len(weights) == token + 1 and abs(weights.max() - 1) < MIX, weights
print(len(f['gain_scale']))
)";

using SpikeFile = BenchTool;

TEST_F(SpikeFile, HoldsTheSpikesOfTheReport) {
  const ToolResult result = runner_.run(
      "stac-bench", {"--model", "tiny", "--activation", "keep", "--quantize", "none", "--perplexity", "text.txt",
                     "--context", "16", "--windows", "1", "--spikes", "spikes.npz", "--spike-tokens", "15", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const nlohmann::json report = nlohmann::json::parse(result.out);
  const std::uint64_t spikes = report.at("spikes").at("spikes").get<std::uint64_t>();
  const std::uint64_t up = report.at("spikes").at("sites")[4].at("spikes").get<std::uint64_t>();
  EXPECT_EQ(report.at("spikes").at("sites")[4].at("site"), "up");
  EXPECT_THAT(
      python("import numpy\n"
             "f = numpy.load('spikes.npz')\n"
             "columns = [f[name] for name in ('layer', 'site', 'head', 'token', 'timestep', 'neuron', 'sign')]\n"
             "assert len({len(column) for column in columns}) == 1\n"
             "assert set(f['sign'].tolist()) == {-1, 1} and f['timestep'].max() < 8\n"
             "assert list(f['site_names'])[4] == 'up' and len(f['token_texts']) == 15\n"
             "assert f['population_timesteps'].tolist() == [8] * 13 and set(f['population_code']) == {'phase'}\n"
             "print(len(f['layer']), ((f['layer'] == 0) & (f['site'] == 4)).sum())\n"),
      HasSubstr("0: " + std::to_string(spikes) + " " + std::to_string(up)));
}

TEST_F(SpikeFile, LetsNumpyWorkOutTheValuesThatTheEngineEncoded) {
  // `mix`: how far the softmax's largest weight may be from its full scale
  const std::tuple<std::vector<std::string>, const char*> conversions[] = {
      {{"--timesteps", "4", "--base", "3", "--group", "8", "--profile", "weights"}, "1e-5"},
      {{"--timesteps", "6", "--threshold", "static", "--calibration", "text.txt"}, "1e-5"},
      {{"--code", "lif", "--tau", "4", "--timesteps", "8"}, "0.2"},
      {{"--code", "rate", "--timesteps", "16", "--quantize", "none"}, "1e-5"}};
  for (const auto& [flags, mix] : conversions) {
    std::vector<std::string> convert{"--model", "tiny", "--output", "artifact", "--force", "--activation", "keep"};
    convert.insert(convert.end(), flags.begin(), flags.end());
    const ToolResult converted = runner_.run("stac-convert", convert);
    ASSERT_EQ(converted.status, 0) << converted.err;
    const ToolResult recorded =
        runner_.run("stac-bench", {"--model", "artifact", "--perplexity", "text.txt", "--context", "16", "--windows",
                                   "1", "--spikes", "spikes.npz", "--spike-tokens", "16"});
    ASSERT_EQ(recorded.status, 0) << recorded.err;
    eval::TextPlan text;
    text.file = runner_.folder() / "text.txt";
    text.context = 16;
    text.windows = 1;
    std::ofstream(runner_.folder() / "said.npz", std::ios::binary) << said_by(runner_.folder() / "artifact", text);
    EXPECT_THAT(python("MIX = " + std::string(mix) + "\n" + kReconstruction), HasSubstr("0: equal equal equal"))
        << flags.front();
  }
}

}  // namespace
}  // namespace stac::testing
