// The raster of one site, as a page draws it.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/spike_recording.hpp"

namespace stac::tools {

/// "LAYER:SITE", or "LAYER:SITE:HEAD" of scores and mix; "head" is the LM head. Empty: the MLP's down projection of the
/// layer in the middle.
/// @throws stac::UsageError  no such layer, site or head, with those that there are
[[nodiscard]] eval::WatchedSite parse_raster_site(const std::string& text, const model::TransformerConfig& config);

/// {layer, site, head, timesteps, tokens, neurons, of, events: [[token, timestep, row, sign]], traces}
/// @param tokens  the texts of the ids that were recorded
[[nodiscard]] nlohmann::json raster_json(const convert::OpenedModel& model, const eval::WatchedSite& site,
                                         const eval::SpikeRecording& recording, const std::vector<std::string>& tokens);

}  // namespace stac::tools
