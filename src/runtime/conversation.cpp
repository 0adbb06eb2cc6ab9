#include "stac/runtime/conversation.hpp"

#include <algorithm>
#include <utility>

#include "runtime/stop_text.hpp"
#include "stac/runtime/generation_config.hpp"

namespace stac::runtime {
namespace {

using Ids = std::vector<std::int64_t>;

std::int64_t size_of(const Ids& ids) { return static_cast<std::int64_t>(ids.size()); }

[[noreturn]] void refuse(std::int64_t prompt_tokens, std::int64_t context) {
  throw ContextFull("the context is full: with this message the conversation has " + std::to_string(prompt_tokens) +
                        " tokens, which leaves no room for an answer in the " + std::to_string(context) +
                        " tokens that it may have",
                    "start a new conversation (/reset in stac-chat), or send a shorter message");
}

Ids followed_by(Ids ids, const Ids& more) {
  ids.insert(ids.end(), more.begin(), more.end());
  return ids;
}

/// Takes out of the cache the `tokens` ids by which `text` is shorter than what was cached, where the rest then is a
/// beginning of the text. @return whether that was so
bool shift_to(CachedSequence& sequence, const Ids& text, std::int64_t tokens) {
  const Ids cached = sequence.ids();
  const auto same = std::mismatch(cached.begin(), cached.end(), text.begin(), text.end()).first - cached.begin();
  const std::int64_t rest = size_of(cached) - same - tokens;
  if (rest <= 0 || same + rest >= size_of(text)) return false;
  if (!std::equal(cached.end() - rest, cached.end(), text.begin() + same)) return false;
  sequence.shift(same, tokens);
  return true;
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

/// One turn in the making: what is known, what is written, and where it is shown.
class Conversation::Turn {
 public:
  Turn(Conversation& conversation, std::string_view user_text, const AnswerHooks& hooks)
      : conversation_(conversation),
        hooks_(hooks),
        known_(conversation.known_),
        decoder_(conversation.tokenizer_.stream(text::Specials::skip)),
        stop_(stop_texts(conversation)) {
    known_.messages.push_back({"user", std::string(user_text)});
    prompt_ = known_ids(known_, encoder());
    if (!has_room() && !forget()) refuse(size_of(prompt_), context());
    answer_.prompt_ids = prompt_;
  }

  Answer run(const GenerationOptions& options) {
    prepare_first_reading();
    GenerationOptions rest = options;
    write(rest);
    while (answer_.generated.reason == StopReason::context_full && forget()) {
      conversation_.sequence_.align(known_and_written());
      rest.max_new_tokens = options.max_new_tokens - size_of(answer_.generated.ids);
      write(rest);
    }
    emit(stop_.push(decoder_->finish()));
    emit(stop_.finish());
    if (stop_.met()) answer_.generated.reason = StopReason::stop_text;
    answer_.approximate = conversation_.sequence_.approximate();
    known_.messages.push_back({"assistant", answer_.text});
    return std::move(answer_);
  }

  [[nodiscard]] const KnownText& known() const { return known_; }
  [[nodiscard]] std::int64_t prompt_length() const { return size_of(prompt_); }

 private:
  static std::vector<std::string> stop_texts(const Conversation& conversation) {
    std::vector<std::string> texts = conversation.options_.stop_texts;
    if (!conversation.form_.stop_text.empty()) texts.push_back(conversation.form_.stop_text);
    return texts;
  }

  [[nodiscard]] ChatEncoder encoder() const {
    return [this](std::span<const Message> messages) { return conversation_.encode(messages); };
  }
  [[nodiscard]] std::int64_t context() const { return conversation_.max_positions(); }
  [[nodiscard]] Ids known_and_written() const { return followed_by(prompt_, answer_.generated.ids); }
  [[nodiscard]] bool has_room() const { return size_of(prompt_) + size_of(answer_.generated.ids) < context(); }

  /// @return whether there is room now
  bool forget() {
    KnownText shorter = known_;
    const OverflowPolicy policy = conversation_.options_.overflow;
    Forgotten forgotten = forget_oldest(shorter, policy, context(), size_of(answer_.generated.ids), encoder());
    Ids prompt = known_ids(shorter, encoder());
    if (forgotten.tokens <= 0 || size_of(prompt) + size_of(answer_.generated.ids) >= context()) return false;
    known_ = std::move(shorter);
    prompt_ = std::move(prompt);
    if (policy == OverflowPolicy::shift) {
      forgotten.approximate = shift_to(conversation_.sequence_, known_and_written(), forgotten.tokens);
    }
    answer_.forgotten.push_back(forgotten);
    return true;
  }

  void prepare_first_reading() {
    CachedSequence& sequence = conversation_.sequence_;
    const std::int64_t had = std::min(sequence.length(), conversation_.last_prompt_);
    answer_.cached_tokens = sequence.align(prompt_);
    answer_.reread = answer_.forgotten.empty() && answer_.cached_tokens < had;
  }

  /// Reads what is not cached of the text, and goes on with the answer.
  void write(const GenerationOptions& options) {
    const Ids text = known_and_written();
    const auto unread = std::span<const std::int64_t>(text).subspan(conversation_.sequence_.length());
    GenerationHooks hooks;
    hooks.on_token = [&](std::int64_t id) { emit(stop_.push(decoder_->push(id))); };
    hooks.cancelled = [&] { return stop_.met() || (hooks_.cancelled && hooks_.cancelled()); };
    GenerationResult more = generate(conversation_.sequence_, unread, options, hooks);
    GenerationResult& all = answer_.generated;
    all.ids.insert(all.ids.end(), more.ids.begin(), more.ids.end());
    all.reason = more.reason;
    all.stop_id = more.stop_id;
    all.prompt_seconds += more.prompt_seconds;
    all.answer_seconds += more.answer_seconds;
  }

  void emit(const std::string& piece) {
    answer_.text += piece;
    if (hooks_.on_text && !piece.empty()) hooks_.on_text(piece);
  }

  Conversation& conversation_;
  const AnswerHooks& hooks_;
  KnownText known_;
  Ids prompt_;  // of known_
  Answer answer_;
  std::unique_ptr<text::StreamDecoder> decoder_;
  StopText stop_;
};

Conversation::Conversation(CachedSequence sequence, const text::Tokenizer& tokenizer, ChatForm form,
                           ConversationOptions options)
    : sequence_(std::move(sequence)), tokenizer_(tokenizer), form_(std::move(form)), options_(std::move(options)) {
  reset();
}

Answer Conversation::say(std::string_view user_text, const GenerationOptions& options, const AnswerHooks& hooks) {
  Turn turn(*this, user_text, hooks);
  Answer answer = turn.run(options);
  before_ = std::exchange(known_, turn.known());
  last_prompt_ = turn.prompt_length();
  return answer;
}

void Conversation::reset() {
  sequence_.reset();
  last_prompt_ = 0;
  known_ = {};
  before_.reset();
  if (options_.system) known_.messages.push_back({"system", *options_.system});
}

std::optional<std::string> Conversation::undo() {
  std::vector<Message>& messages = known_.messages;
  const auto is_user = [](const Message& message) { return message.role == "user"; };
  const auto last = std::find_if(messages.rbegin(), messages.rend(), is_user);
  if (last == messages.rend()) return std::nullopt;
  std::string said = last->content;
  last_prompt_ = 0;
  if (before_) {
    known_ = *std::exchange(before_, std::nullopt);
    return said;
  }
  messages.erase(last.base() - 1, messages.end());
  // What the window had dropped of the text must not be taken from the next message instead.
  if (std::none_of(messages.begin(), messages.end(), is_user)) known_.dropped_ids = 0;
  return said;
}

void Conversation::set_system(std::optional<std::string> system) {
  KnownText changed{known_.messages};
  if (!changed.messages.empty() && changed.messages.front().role == "system") {
    changed.messages.erase(changed.messages.begin());
  }
  if (system) changed.messages.insert(changed.messages.begin(), {"system", *system});
  known_ = std::move(changed);
  before_.reset();
  last_prompt_ = 0;
  options_.system = std::move(system);
}

void Conversation::restore(KnownText known) {
  sequence_.reset();
  last_prompt_ = 0;
  known_ = std::move(known);
  before_.reset();
}

std::vector<std::int64_t> Conversation::ids() const {
  return known_ids(known_, [this](std::span<const Message> messages) { return encode(messages); });
}

std::vector<std::int64_t> Conversation::encode(std::span<const Message> messages) const {
  return tokenizer_.encode_chat(form_.render(messages));
}

}  // namespace stac::runtime
