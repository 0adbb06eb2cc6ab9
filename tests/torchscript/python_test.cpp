// The Python of README.md, run as it stands there, on an exported network, against the engine.
#include <gtest/gtest.h>
#include <torch/script.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "stac/snn/spiking_model.hpp"
#include "stac/torchscript/network_module.hpp"
#include "support/random_transformer.hpp"
#include "support/test_paths.hpp"

namespace stac::torchscript {
namespace {

namespace fs = std::filesystem;

bool python_says(const std::string& statement) {
  return std::system(("python3 -c '" + statement + "' > /dev/null 2>&1").c_str()) == 0;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string documented_snippet() {
  const std::string page = read_file(testing::source_root() / "README.md");
  const std::string fence = "```python\n";
  const std::size_t begin = page.find(fence, page.find("## In PyTorch, without STAC")) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

std::vector<std::int64_t> numbers_printed(const fs::path& folder, const std::string& script,
                                          const std::string& arguments) {
  std::ofstream(folder / "snippet.py") << script;
  const std::string command = "cd '" + folder.string() + "' && python3 snippet.py model.pt " + arguments + " > out";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::istringstream text(read_file(folder / "out"));
  return {std::istream_iterator<std::int64_t>(text), {}};
}

struct Exported {
  Exported() {
    save_module(network_module({m.config, std::make_shared<const model::TransformerWeights>(m.weights), plan, {}}),
                temporary.path() / "model.pt");
    const auto network =
        std::make_shared<snn::SpikingTransformer>(m.config, m.weights, plan, snn::make_engine(snn::EngineKind::fused));
    snn::SpikingSequence sequence(network);
    const std::vector<std::int64_t> ids{5, 17, 42, 60, 3};
    wanted.push_back(sequence.append(ids, model::LogitRows::all)[4].argmax().item<std::int64_t>());
    for (std::int64_t layer = 0; layer <= m.config.layers; ++layer) {
      std::int64_t spikes = 0;
      for (const snn::Site site : snn::kSites) {
        spikes += static_cast<std::int64_t>(sequence.ledger().counts(layer, site).spikes);
      }
      wanted.push_back(spikes);
    }
  }

  testing::TemporaryFolder temporary;
  testing::RandomTransformer m = testing::random_transformer({});
  snn::Plan plan{m.config.layers, {snn::Code{8, 2}}};
  std::vector<std::int64_t> wanted;  // the next token, then every layer's spikes
};

void expect_engines_numbers(const std::vector<std::int64_t>& printed, const std::vector<std::int64_t>& wanted) {
  ASSERT_EQ(printed.size(), wanted.size());
  EXPECT_EQ(printed[0], wanted[0]);
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    EXPECT_GT(printed[i], 0);
    EXPECT_NEAR(static_cast<double>(printed[i]), static_cast<double>(wanted[i]), 1e-3 * static_cast<double>(wanted[i]));
  }
}

TEST(PythonExport, TheReadmesSnippetSpeaksLikeTheEngine) {
  if (!python_says("import torch")) GTEST_SKIP() << "python3 has no torch: pip install torch";
  const Exported exported;
  expect_engines_numbers(numbers_printed(exported.temporary.path(), documented_snippet(), "5 17 42 60 3"),
                         exported.wanted);
}

TEST(PythonExport, SpeaksTheSameOnCuda) {
  if (!python_says("import torch, sys; sys.exit(not torch.cuda.is_available())")) {
    GTEST_SKIP() << "python3 has no torch with a GPU";
  }
  const Exported exported;
  const std::string script =
      "import sys, torch\n"
      "network = torch.jit.load(sys.argv[1], map_location='cuda')\n"
      "ids = torch.tensor([[int(id) for id in sys.argv[2:]]], device='cuda')\n"
      "with torch.no_grad():\n"
      "    logits, past, spikes = network(ids)\n"
      "print(logits[0, -1].argmax().item(), *spikes.sum(1).tolist())\n";
  expect_engines_numbers(numbers_printed(exported.temporary.path(), script, "5 17 42 60 3"), exported.wanted);
}

}  // namespace
}  // namespace stac::torchscript
