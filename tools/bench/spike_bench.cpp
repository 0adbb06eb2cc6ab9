#include "bench/spike_bench.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/raster.hpp"
#include "bench/spike_file.hpp"
#include "stac/io/atomic_file.hpp"

namespace stac::tools {

void bench_spikes(const BenchOptions& options, const convert::OpenedModel& model, std::span<const std::int64_t> ids,
                  cli::Console& console, nlohmann::json& report) {
  const eval::WatchedSite site = parse_raster_site(options.raster.value_or(""), model.config());
  const auto tokens = ids.first(std::min(ids.size(), static_cast<std::size_t>(options.spike_tokens)));
  cli::ProgressBar bar = console.progress("recording spikes");
  bar.update(0, 1);
  const eval::SpikeRecording recording = eval::record_spikes(model, tokens, site);
  bar.finish();
  std::vector<std::string> texts;
  for (const std::int64_t id : tokens) texts.push_back(model.tokenizer().decode({&id, 1}, text::Specials::keep));
  report["raster"] = raster_json(model, site, recording, texts);
  if (!options.spikes) return;
  io::write_file_atomically(*options.spikes, spike_file(model, tokens, texts, recording));
  console.print("\n" + std::to_string(recording.spikes.size()) + " spikes of " + std::to_string(tokens.size()) +
                " tokens: " + options.spikes->string() + "\n");
}

}  // namespace stac::tools
