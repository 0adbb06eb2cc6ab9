#include "stac/runtime/conversation.hpp"

#include <algorithm>
#include <utility>

#include "runtime/stop_text.hpp"
#include "stac/runtime/generation_config.hpp"

namespace stac::runtime {
namespace {

void require_room(std::size_t prompt_tokens, std::int64_t max_positions) {
  if (static_cast<std::int64_t>(prompt_tokens) < max_positions) return;
  throw ContextFull("the context is full: with this message the conversation has " + std::to_string(prompt_tokens) +
                        " tokens, which leaves no room for an answer in the model's " + std::to_string(max_positions) +
                        " positions",
                    "start a new conversation (/reset in stac-chat), or send a shorter message");
}

}  // namespace

std::vector<std::int64_t> stop_ids(const model::TransformerConfig& config, const text::Tokenizer& tokenizer,
                                   const std::filesystem::path& folder) {
  std::vector<std::int64_t> ids = generation_config_eos_ids(folder);
  ids.insert(ids.end(), config.eos_token_ids.begin(), config.eos_token_ids.end());
  if (const auto eos = tokenizer.eos_id()) ids.push_back(*eos);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Conversation::Conversation(CachedSequence sequence, const text::Tokenizer& tokenizer, ChatForm form,
                           std::optional<std::string> system)
    : sequence_(std::move(sequence)), tokenizer_(tokenizer), form_(std::move(form)), system_(std::move(system)) {
  reset();
}

Answer Conversation::say(std::string_view user_text, const GenerationOptions& options, const AnswerHooks& hooks) {
  std::vector<Message> messages = messages_;
  messages.push_back({"user", std::string(user_text)});
  Answer answer;
  answer.prompt_ids = encode(messages);
  require_room(answer.prompt_ids.size(), max_positions());

  const bool held_something = sequence_.length() > 0;
  answer.cached_tokens = sequence_.align(answer.prompt_ids);
  answer.reread = held_something && answer.cached_tokens == 0;

  const auto decoder = tokenizer_.stream(text::Specials::skip);
  StopText stop(form_.stop_text);
  const auto emit = [&](const std::string& piece) {
    answer.text += piece;
    if (hooks.on_text && !piece.empty()) hooks.on_text(piece);
  };
  GenerationHooks generation_hooks;
  generation_hooks.on_token = [&](std::int64_t id) { emit(stop.push(decoder->push(id))); };
  generation_hooks.cancelled = [&] { return stop.met() || (hooks.cancelled && hooks.cancelled()); };
  const auto unread = std::span<const std::int64_t>(answer.prompt_ids).subspan(answer.cached_tokens);
  answer.generated = generate(sequence_, unread, options, generation_hooks);
  emit(stop.push(decoder->finish()));
  emit(stop.finish());
  if (stop.met()) answer.generated.reason = StopReason::stop_text;

  messages.push_back({"assistant", answer.text});
  messages_ = std::move(messages);
  return answer;
}

void Conversation::reset() {
  sequence_.reset();
  messages_.clear();
  if (system_) messages_.push_back({"system", *system_});
}

std::vector<std::int64_t> Conversation::encode(std::span<const Message> messages) const {
  return tokenizer_.encode_chat(form_.render(messages));
}

}  // namespace stac::runtime
