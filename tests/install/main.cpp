// Uses a room without LibTorch, one with it, and the installed data.
#include <cstdio>
#include <stac/error.hpp>
#include <stac/io/checkpoint.hpp>
#include <stac/io/hub.hpp>
#include <stac/model/config.hpp>
#include <stac/snn/code.hpp>

int main() {
  try {
    const stac::io::Checkpoint checkpoint = stac::io::open_checkpoint(stac::io::resolve_model("stac-tiny"));
    const auto config = stac::model::parse_config(checkpoint.config);
    const stac::snn::SpikeTrain train = stac::snn::simulate_window({8, 2}, 100.0F);
    const auto decoded = stac::snn::decode({8, 2}, train);
    std::printf("%s: %lld layers, 100 decodes to %lld\n", checkpoint.name.c_str(),
                static_cast<long long>(config.layers), static_cast<long long>(decoded));
    return config.layers > 0 && decoded == 100 ? 0 : 1;
  } catch (const stac::Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.what(), error.hint().c_str());
    return 1;
  }
}
