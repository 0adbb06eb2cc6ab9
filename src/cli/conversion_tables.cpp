#include "cli/conversion_tables.hpp"

#include <algorithm>

#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

using snn::Site;

/// Those of a layer, and how a column is titled.
struct SiteColumn {
  Site site;
  const char* title;
};
constexpr SiteColumn kColumns[] = {{Site::query_key_value, "qkv"},     {Site::scores, "scores"}, {Site::mix, "mix"},
                                   {Site::attention_output, "output"}, {Site::up, "up"},         {Site::down, "down"}};

constexpr double kManyTimes = 1000.0;  // from here on a ratio's fraction says nothing

std::string percent(double share, int digits) { return fixed(100.0 * share, digits) + "%"; }

std::string times_source(double ratio) {
  if (ratio < kManyTimes) return "x" + fixed(ratio, 4);
  return "x" + (ratio < 1e15 ? with_separators(static_cast<unsigned long long>(ratio)) : std::string("over 1e15"));
}

std::string count(std::int64_t number) { return with_separators(static_cast<unsigned long long>(number)); }

std::string steps_text(const convert::QualityRecord& quality) {
  Table table({{"step"},
               {"perplexity", Align::right},
               {"95% interval"},
               {"KL", Align::right},
               {"same top-1", Align::right},
               {"distinct", Align::right}});
  table.add({"source", fixed(quality.source_perplexity, 3), "", "", "", count(quality.source_distinct_predictions)});
  for (const convert::StepQuality& step : quality.steps) {
    const bool whole = &step == &quality.steps.back();
    const std::string interval =
        whole && quality.ratio_interval
            ? times_source(quality.ratio_interval->front()) + " to " + times_source(quality.ratio_interval->back())
            : "";
    table.add({step.step, times_source(step.ratio), interval, fixed(step.kl, 5), percent(step.top1_agreement, 2),
               count(step.distinct_predictions)});
  }
  return caption("steps from the source to spikes, each network against the source (" + quality.text + ", " +
                 std::to_string(quality.windows) + " windows of " + std::to_string(quality.context) + " tokens, " +
                 count(quality.scored_tokens) + " predictions; nothing was fitted or chosen by them)") +
         table.str();
}

using Figure = std::string (*)(const convert::Activity&);

/// Figures of the layers' populations, a row for each layer.
class LayerTable {
 public:
  LayerTable(const convert::QualityRecord& quality, Figure figure, std::vector<Column> more)
      : quality_(quality), figure_(figure), columns_{{"layer", Align::right}} {
    for (const SiteColumn& column : kColumns) columns_.push_back({column.title, Align::right});
    columns_.insert(columns_.end(), more.begin(), more.end());
  }

  /// @param more  the further cells of a layer
  template <typename More>
  [[nodiscard]] std::string str(const More& more) const {
    Table table(columns_);
    for (std::size_t layer = 0; layer < quality_.layers.size(); ++layer) {
      std::vector<std::string> row{std::to_string(layer)};
      for (const SiteColumn& column : kColumns) row.push_back(at(static_cast<std::int64_t>(layer), column.site));
      for (const std::string& cell : more(quality_.layers[layer])) row.push_back(cell);
      table.add(std::move(row));
    }
    return table.str();
  }

  [[nodiscard]] std::string head() const { return at(static_cast<std::int64_t>(quality_.layers.size()), Site::head); }

 private:
  [[nodiscard]] std::string at(std::int64_t layer, Site site) const {
    const auto found = std::ranges::find(quality_.sites, snn::SiteId{layer, site}, &convert::SiteActivity::where);
    return found == quality_.sites.end() ? "-" : figure_(found->activity);
  }

  const convert::QualityRecord& quality_;
  Figure figure_;
  std::vector<Column> columns_;
};

std::string layers_text(const convert::QualityRecord& quality) {
  const LayerTable spikes(quality,
                          [](const convert::Activity& activity) { return fixed(activity.spikes_per_activation, 3); },
                          {{"error by spikes", Align::right}, {"error in all", Align::right}});
  const LayerTable silent(quality, [](const convert::Activity& activity) { return percent(activity.silent, 1); }, {});
  const LayerTable saturated(quality, [](const convert::Activity& activity) { return percent(activity.saturated, 2); },
                             {});
  const auto errors = [](const convert::LayerError& error) -> std::vector<std::string> {
    return {percent(error.of_spikes, 4), percent(error.in_all, 4)};
  };
  const auto nothing = [](const convert::LayerError&) { return std::vector<std::string>{}; };
  return caption("spikes per activation (head: " + spikes.head() +
                 "), and squared error of the residual stream behind the layer over its square: against the same "
                 "network without spikes, and against the source") +
         spikes.str(errors) + caption("neurons that stay silent in a window (head: " + silent.head() + ")") +
         silent.str(nothing) + caption("neurons at full scale in a window (head: " + saturated.head() + ")") +
         saturated.str(nothing);
}

}  // namespace

std::string caption(const std::string& text) {
  std::string lines = "\n";
  for (const std::string& line : wrap(text, kReportColumns)) lines += line + "\n";
  return lines;
}

std::string logit_scale_text(const convert::LogitScaleRecord& scale) {
  const std::string change = "KL " + fixed(scale.plain, 6) + " to " + fixed(scale.scaled, 6) + " on unseen tokens";
  const std::string tokens = std::to_string(scale.tokens) + " tokens, " + scale.text;
  if (scale.scale != 1.0) return fixed(scale.scale, 4) + " (" + change + "; " + tokens + ")";
  return "1 (" + fixed(scale.fitted, 4) + " would take " + change + ": not " + percent(convert::kLeastSaving, 0) +
         " less; " + tokens + ")";
}

std::string activity_text(const convert::Conversion& conversion) {
  const auto text = [](double spikes, double silent) {
    return fixed(spikes, 3) + " per activation, " + percent(silent, 1) + " of neurons silent";
  };
  if (!conversion.quality) {
    return text(conversion.measured.spikes_per_activation, conversion.measured.silent_windows) + " (" +
           std::to_string(conversion.measured.tokens) + " random tokens)";
  }
  const convert::Activity& activity = conversion.quality->activity;
  return text(activity.spikes_per_activation, activity.silent) + ", " + percent(activity.saturated, 2) +
         " at full scale";
}

std::string quality_text(const convert::QualityRecord& quality) { return steps_text(quality) + layers_text(quality); }

std::string times_text(const std::vector<convert::StageTime>& times) {
  double sum = 0.0;
  std::string stages;
  for (const convert::StageTime& time : times) {
    sum += time.seconds;
    stages += (stages.empty() ? "" : ", ") + time.stage + " " + fixed(time.seconds, 2);
  }
  return caption("seconds: " + fixed(sum, 2) + " in all; " + stages);
}

}  // namespace stac::cli
