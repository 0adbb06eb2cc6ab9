// A conversation of stac-chat: the network in the mode asked for, others beside it, and a report of every turn.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chat/chat_options.hpp"
#include "chat/turn_report.hpp"
#include "stac/cli/console.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/energy/energy_model.hpp"
#include "stac/runtime/conversation.hpp"
#include "stac/runtime/session_file.hpp"
#include "stac/runtime/temporal_spike_processor.hpp"

namespace stac::chat {

class ChatSession {
 public:
  /// @param model    borrowed
  /// @param compare_source  beside each answer, what the source would have said
  /// @throws stac::UsageError  settings that the model cannot have
  /// @throws stac::Error  no tokenizer, a broken chat template, or no source where it is asked for
  ChatSession(const convert::OpenedModel& model, const ChatOptions& options, cli::Console& console,
              bool compare_source);

  /// A new conversation. @param system  its system message, instead of the settings' own
  void start(const std::optional<std::string>& system);
  /// Forgets the conversation and begins another one. As whatever changes a conversation from here on, it is kept in
  /// the file of --session at once.
  void reset();

  /// One turn; the answer goes to the console as it comes (side by side with the other's, it comes at once). Ctrl-C
  /// stops the answer.
  const TurnReport& say(const std::string& user);
  /// Takes the last answer back and draws another one, by another seed. Null where there is none.
  const TurnReport* regenerate();
  /// Takes the last turn back. @return what the user had said
  std::optional<std::string> undo();

  [[nodiscard]] const std::optional<std::string>& system() const { return settings_.system; }
  void set_system(const std::optional<std::string>& system);
  /// Whether answers come as two columns, with a title above each.
  [[nodiscard]] bool compares() const { return options_.compare; }
  [[nodiscard]] Mode mode() const { return mode_; }
  /// Goes on with the same conversations by another network.
  /// @throws stac::Error  under --compare, which shows two; shifted keys, which only the spiking one has
  void set_mode(Mode mode);

  /// The conversations that were had beside one another, by name. The first is called "main".
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Goes on with another conversation, or begins it.
  /// @throws stac::Error  under --session, whose file holds one
  void switch_to(const std::string& name);

  void save(const std::filesystem::path& file) const;
  /// @throws stac::Error  see runtime::load_session and require_same_model; another tokenizer or chat template. Nothing
  ///                      is changed then.
  void load(const std::filesystem::path& file);

  [[nodiscard]] const std::vector<TurnReport>& turns() const { return turns_; }
  [[nodiscard]] const runtime::Conversation& conversation() const { return *conversations_.at(name_); }
  /// Empty where there is none.
  [[nodiscard]] std::string last_answer() const {
    const auto& messages = conversation().messages();
    return messages.empty() || messages.back().role != "assistant" ? "" : messages.back().content;
  }
  [[nodiscard]] bool samples() const { return settings_.sampling.temperature > 0; }
  /// Bytes of the spiking conversations' keys and values.
  [[nodiscard]] std::uint64_t cached_bytes() const { return processor_ ? processor_->cached_bytes() : 0; }

  /// What they are kept in: "f32", "int8", ...
  [[nodiscard]] std::string cache_format() const;

  [[nodiscard]] nlohmann::json report() const;

 private:
  using Conversations = std::map<std::string, std::unique_ptr<runtime::Conversation>>;

  [[nodiscard]] runtime::Conversation& current() { return *conversations_.at(name_); }
  [[nodiscard]] std::unique_ptr<runtime::Conversation> new_conversation(Mode mode, const std::string& name,
                                                                        const std::optional<std::string>& system);
  [[nodiscard]] runtime::CachedSequence new_sequence(Mode mode, const std::string& name);
  [[nodiscard]] std::int64_t context(Mode mode) const;
  [[nodiscard]] const std::shared_ptr<runtime::TemporalSpikeProcessor>& processor();
  void require_possible(Mode mode) const;
  /// --compare: the current conversation without spikes; null without it.
  [[nodiscard]] runtime::Conversation* other() { return options_.compare ? others_.at(name_).get() : nullptr; }

  [[nodiscard]] runtime::SessionModel session_model() const;
  void keep() const;  ///< in the file of --session
  std::optional<std::string> take_back();
  const TurnReport& say(const std::string& user, std::uint64_t seed);
  void answer(TurnReport& report, const runtime::GenerationOptions& options);
  [[nodiscard]] runtime::GenerationOptions generation(std::uint64_t seed) const;
  [[nodiscard]] std::optional<TurnSpikes> taken_spikes();
  [[nodiscard]] const model::LanguageModel& required_source() const;
  void start_source(bool asked_for);
  [[nodiscard]] bool comparable(const runtime::Answer& answer) const;
  [[nodiscard]] Comparison compare(const runtime::Answer& answer, const runtime::GenerationOptions& generation);
  [[nodiscard]] nlohmann::json settings_json() const;
  [[nodiscard]] nlohmann::json agreement_json() const;

  const convert::OpenedModel& model_;
  const ChatOptions& options_;
  cli::Console& console_;
  energy::EnergyModel energies_;
  Mode mode_;
  runtime::ChatSettings settings_;
  runtime::ChatForm form_;
  std::vector<std::int64_t> stop_ids_;
  std::shared_ptr<runtime::TemporalSpikeProcessor> processor_;  // of all spiking conversations, made when needed
  Conversations conversations_;                                 // all in mode_
  std::string name_ = "main";
  Conversations others_;  // --compare: the same without spikes
  std::optional<runtime::CachedSequence> source_;
  std::string no_comparison_reason_ = "not asked for (--compare-source)";
  std::vector<TurnReport> turns_;
  std::int64_t started_ = 0;                      // conversations before the current one that had turns
  std::map<std::string, std::uint64_t> rerolls_;  // of each conversation's last message
};

}  // namespace stac::chat
