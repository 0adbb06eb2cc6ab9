// The Python of docs/artifact.md, run as it stands there, against the engine.
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "convert/artifact_tensors.hpp"
#include "convert_test_support.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/folding.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

bool python_has_numpy() { return std::system("python3 -c 'import numpy' > /dev/null 2>&1") == 0; }

std::string documented_snippet() {
  const std::string page = read_bytes(testing::source_root() / "docs" / "artifact.md");
  const std::string fence = "```python\n";
  const std::size_t begin = page.find(fence) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

std::vector<float> random_row(std::int64_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> row(n);
  for (float& value : row) value = normal(random);
  return row;
}

std::vector<float> engine_currents(const Artifact& artifact, const std::vector<float>& row) {
  const model::TransformerConfig config = model::parse_config(artifact.checkpoint.config);
  const snn::Population inputs{artifact.manifest.options.code};
  const snn::SiteId where{0, snn::Site::query_key_value};
  const auto folded = [&] {
    const io::TensorStore& tensors = *artifact.checkpoint.tensors;
    if (artifact.manifest.options.quantize == QuantizeChoice::int8) {
      return snn::fold(load_quantized(config, tensors).at(where), inputs, where);
    }
    const model::Block block = model::load_weights(config, tensors).weights.blocks[0];
    return snn::fold(snn::stack({block.query, block.key, block.value}), block.attention_norm, inputs, where);
  };
  const auto projection = snn::make_engine(snn::EngineKind::temporal)->projection(folded());
  std::vector<float> currents(3 * config.hidden_size);
  projection->run(row.data(), 1, currents.data());
  return currents;
}

std::vector<float> python_currents(const fs::path& folder, const fs::path& artifact, const std::vector<float>& row) {
  write_bytes(folder / "snippet.py", documented_snippet());
  write_bytes(folder / "row.f32", {reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float)});
  const std::string command = "python3 '" + (folder / "snippet.py").string() + "' '" + artifact.string() + "' '" +
                              (folder / "row.f32").string() + "' > '" + (folder / "out").string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::istringstream text(read_bytes(folder / "out"));
  return {std::istream_iterator<float>(text), {}};
}

TEST(PythonSnippet, ComputesWhatTheEnginesSpikesDeliver) {
  if (!python_has_numpy()) FAIL() << "python3 with numpy is not installed: scripts/setup.sh --tests installs it";
  for (const auto& [code, dtype, quantize] : {std::tuple{snn::Code{8, 2}, io::DType::bf16, QuantizeChoice::none},
                                              std::tuple{snn::Code{5, 3}, io::DType::f32, QuantizeChoice::none},
                                              std::tuple{snn::Code{8, 2}, io::DType::f32, QuantizeChoice::int8}}) {
    const TemporaryFolder temporary;
    const ConversionOptions options{.code = code, .group = 0, .profile = ProfileChoice::none, .quantize = quantize};
    const fs::path source = write_tiny_checkpoint(temporary.path() / "m",
                                                  {.hidden = 48, .heads = 4, .dtype = dtype, .prefix = "transformer."});
    const Artifact artifact =
        load_artifact(save_artifact(convert_folder(source, options), temporary.path() / "a", Overwrite::refuse));
    const std::vector<float> row = random_row(48, 3);
    const std::vector<float> expected = engine_currents(artifact, row);
    const std::vector<float> computed = python_currents(temporary.path(), artifact.folder, row);
    ASSERT_EQ(computed.size(), expected.size());
    int identical = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_FLOAT_EQ(computed[i], expected[i]) << "output " << i;
      identical += computed[i] == expected[i];
    }
    EXPECT_GE(identical, static_cast<int>(expected.size()) - 1);  // the bias alone is summed in an order of its own
  }
}

}  // namespace
}  // namespace stac::convert
