// Tokens per second of one conversation and of several in one forward, and where the time of the latter goes:
//
//     stac_batch_benchmark ARTIFACT [CONVERSATIONS [TOKENS]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/model/thread_limit.hpp"
#include "stac/snn/kernel_clock.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace {

using Clock = std::chrono::steady_clock;

/// Reads `tokens` tokens of each of `conversations` texts, one of each at a time.
double tokens_per_second(const stac::snn::SpikingTransformer& network, std::int64_t conversations,
                         std::int64_t tokens) {
  std::vector<stac::snn::SequenceState> states;
  for (std::int64_t i = 0; i < conversations; ++i) states.push_back(network.new_state());
  stac::snn::Ledger ledger(network.config().layers);
  const auto start = Clock::now();
  for (std::int64_t t = 0; t < tokens; ++t) {
    std::vector<std::int64_t> ids(conversations);
    std::vector<stac::snn::SequenceInput> inputs;
    for (std::int64_t i = 0; i < conversations; ++i) {
      ids[i] = (t * 977 + i * 131) % network.config().vocab_size;
      inputs.push_back({{&ids[i], 1}, &states[i]});
    }
    static_cast<void>(network.forward(inputs, stac::model::LogitRows::last, ledger));
  }
  return static_cast<double>(conversations * tokens) / std::chrono::duration<double>(Clock::now() - start).count();
}

/// Microseconds a forward, kernel by kernel.
void print_kernel_times(const stac::convert::OpenedModel& model, std::int64_t conversations, std::int64_t tokens) {
  stac::snn::KernelClock clock;
  const stac::snn::SpikingModel spiking =
      model.network(model.plan(), stac::snn::make_fused_engine(clock), model.config().storage);
  const auto& network = spiking.network();
  static_cast<void>(tokens_per_second(network, conversations, tokens));
  const stac::snn::KernelSeconds before = clock.seconds();
  clock.start();
  static_cast<void>(tokens_per_second(network, conversations, tokens));
  clock.lap(stac::snn::Kernel::other);
  for (const stac::snn::Kernel kernel : stac::snn::kKernels) {
    const auto i = static_cast<std::size_t>(kernel);
    std::printf("%-10s %7.0f us\n", std::string(kernel_name(kernel)).c_str(),
                (clock.seconds()[i] - before[i]) / static_cast<double>(tokens) * 1e6);
  }
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: stac_batch_benchmark ARTIFACT [CONVERSATIONS [TOKENS]]\n", stderr);
    return 2;
  }
  const std::int64_t conversations = argc > 2 ? std::stol(argv[2]) : 8, tokens = argc > 3 ? std::stol(argv[3]) : 64;
  stac::model::set_threads(static_cast<int>(std::thread::hardware_concurrency()));
  const stac::convert::OpenedModel model = stac::convert::open_model({.model = argv[1]});
  const auto& network = model.spiking(stac::snn::EngineKind::fused).network();
  std::vector<double> one, several;
  for (int turn = 0; turn < 6; ++turn) {  // alternating, so that both see the same machine; the first warms up
    one.push_back(tokens_per_second(network, 1, tokens));
    several.push_back(tokens_per_second(network, conversations, tokens));
  }
  one.erase(one.begin());
  several.erase(several.begin());
  std::printf("1 conversation: %.1f tokens/s; %ld: %.1f; ratio %.2f (medians of 5, alternating)\n", median(one),
              static_cast<long>(conversations), median(several), median(several) / median(one));
  print_kernel_times(model, conversations, tokens);
}
