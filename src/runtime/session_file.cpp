#include "stac/runtime/session_file.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "convert/json_reader.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/json_file.hpp"

namespace stac::runtime {
namespace {

using convert::JsonReader;
using Json = nlohmann::json;

constexpr const char* kFormat = "stac-session";
constexpr const char* kHint = "give a file that /save or --session of stac-chat wrote";
constexpr std::int64_t kWithoutStorage = 2;  // the version before: the same, but that it does not say its storage
constexpr double kAnything = std::numeric_limits<double>::max();

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const SamplingOptions& sampling) {
  Json biases = Json::array();
  for (const LogitBias& one : sampling.logit_bias) {
    biases.push_back({{"id", one.id}, {"bias", std::isfinite(one.bias) ? Json(one.bias) : Json(nullptr)}});
  }
  return {{"temperature", sampling.temperature},
          {"top_k", sampling.top_k},
          {"top_p", sampling.top_p},
          {"min_p", sampling.min_p},
          {"repetition_penalty", sampling.repetition_penalty},
          {"seed", sampling.seed},
          {"logit_bias", std::move(biases)}};
}

Json to_json(const ChatSettings& settings) {
  return {{"system", or_null(settings.system)},
          {"sampling", to_json(settings.sampling)},
          {"max_new_tokens", settings.max_new_tokens},
          {"max_context_length", or_null(settings.max_context)},
          {"overflow", overflow_policy_name(settings.overflow)},
          {"stop", settings.stop_texts}};
}

Json to_json(const KnownText& known) {
  Json messages = Json::array();
  for (const Message& message : known.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return {{"messages", std::move(messages)}, {"dropped_ids", known.dropped_ids}};
}

SamplingOptions sampling_of(const JsonReader& object) {
  object.require_only({"temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "logit_bias"});
  SamplingOptions sampling;
  sampling.temperature = object.fraction("temperature", kAnything);
  sampling.top_k = object.integer("top_k", 0);
  sampling.top_p = object.fraction("top_p", 1.0);
  sampling.min_p = object.fraction("min_p", 1.0);
  sampling.repetition_penalty = object.fraction("repetition_penalty", kAnything);
  sampling.seed = static_cast<std::uint64_t>(object.integer("seed", 0));
  for (const JsonReader& one : object.objects("logit_bias")) {
    one.require_only({"id", "bias"});
    LogitBias bias{one.integer("id", 0), -std::numeric_limits<float>::infinity()};
    if (!one.is_null("bias")) {
      const auto value = one.json().find("bias");
      if (value == one.json().end() || !value->is_number()) one.refuse("bias", "is not a number");
      bias.bias = value->get<float>();
    }
    sampling.logit_bias.push_back(bias);
  }
  try {
    require_valid(sampling);
  } catch (const UsageError& error) {
    object.refuse("top_p", std::string("and its neighbours cannot be so: ") + error.what());
  }
  return sampling;
}

OverflowPolicy policy_of(const JsonReader& object) {
  const std::optional<OverflowPolicy> policy = find_overflow_policy(object.text("overflow"));
  if (!policy) object.refuse("overflow", "is none of turns, window, shift, error");
  return *policy;
}

ChatSettings settings_of(const JsonReader& object) {
  object.require_only({"system", "sampling", "max_new_tokens", "max_context_length", "overflow", "stop"});
  ChatSettings settings;
  if (!object.is_null("system")) settings.system = object.text("system");
  settings.sampling = sampling_of(object.object("sampling"));
  settings.max_new_tokens = object.integer("max_new_tokens", 0);
  if (!object.is_null("max_context_length")) settings.max_context = object.integer("max_context_length", 1);
  settings.overflow = policy_of(object);
  settings.stop_texts = object.texts("stop");
  return settings;
}

/// A system message at most, then users and assistants by turns: what a chat can have left.
void require_conversation(const JsonReader& object, const std::vector<Message>& messages) {
  std::string expected = "user";
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string& role = messages[i].role;
    if (i == 0 && role == "system") continue;
    if (role != expected)
      object.refuse("messages", "has a message of role '" + role + "' where " + expected + " speaks");
    expected = expected == "user" ? "assistant" : "user";
  }
  if (expected == "assistant") object.refuse("messages", "ends with a user message that was never answered");
}

KnownText known_of(const JsonReader& object) {
  object.require_only({"messages", "dropped_ids"});
  KnownText known;
  for (const JsonReader& one : object.objects("messages")) {
    one.require_only({"role", "content"});
    known.messages.push_back({one.text("role"), one.text("content")});
  }
  require_conversation(object, known.messages);
  known.dropped_ids = object.integer("dropped_ids", 0);
  return known;
}

std::vector<std::int64_t> ids_of(const JsonReader& object) {
  const auto field = object.json().find("ids");
  if (field == object.json().end() || !field->is_array()) object.refuse("ids", "is not a list");
  std::vector<std::int64_t> ids;
  for (const Json& id : *field) {
    if (!id.is_number_integer() || id.get<std::int64_t>() < 0) object.refuse("ids", "holds something that is no id");
    ids.push_back(id.get<std::int64_t>());
  }
  return ids;
}

SavedSession session_of(const JsonReader& object) {
  if (object.text("format") != kFormat) object.refuse("format", "is not '" + std::string(kFormat) + "'");
  const std::int64_t version = object.integer("version", 0);
  if (version != kSessionVersion && version != kWithoutStorage) {
    object.refuse("version", "is neither " + std::to_string(kWithoutStorage) + " nor " +
                                 std::to_string(kSessionVersion) + ", which this version of STAC reads");
  }
  object.require_only({"format", "version", "model", "fingerprint", "storage", "mode", "settings", "known", "ids",
                       "approximate", "rerolls"});
  const std::string storage = version == kWithoutStorage ? "" : object.text("storage");
  return {{object.text("model"), object.sha256("fingerprint"), storage},
          object.text("mode"),
          settings_of(object.object("settings")),
          known_of(object.object("known")),
          ids_of(object),
          object.boolean("approximate"),
          static_cast<std::uint64_t>(object.integer("rerolls", 0))};
}

/// The flags that give a storage of this name (model::storage_name).
std::string storage_flags(const std::string& name) {
  const std::string mark = ", cache ";
  const auto cache = name.find(mark);
  if (cache == std::string::npos) return "--dtype " + name;
  return "--dtype " + name.substr(0, cache) + " --kv-dtype " + name.substr(cache + mark.size());
}

}  // namespace

void save_session(const std::filesystem::path& file, const SavedSession& session) {
  const Json json{{"format", kFormat},
                  {"version", kSessionVersion},
                  {"model", session.model.name},
                  {"fingerprint", session.model.fingerprint},
                  {"storage", session.model.storage},
                  {"mode", session.mode},
                  {"settings", to_json(session.settings)},
                  {"known", to_json(session.known)},
                  {"ids", session.ids},
                  {"approximate", session.approximate},
                  {"rerolls", session.rerolls}};
  std::string text;
  try {
    text = json.dump(1) + "\n";
  } catch (const Json::type_error&) {
    throw Error(file.string() + ": the conversation cannot be saved: a message is not UTF-8",
                "take it back with /undo, or start again with /reset");
  }
  io::write_file_atomically(file, text);
}

SavedSession load_session(const std::filesystem::path& file) {
  const Json json = io::read_json_file(file);
  try {
    return session_of(JsonReader(json, file.string()));
  } catch (const Error& error) {
    throw Error(error.what(), kHint);
  }
}

void require_same_model(const SavedSession& session, const SessionModel& model, const std::filesystem::path& file) {
  const SessionModel& then = session.model;
  if (then.fingerprint == model.fingerprint) return;
  const std::string had = file.string() + ": this conversation was had with ";
  if (then.name != model.name) {
    throw Error(had + "the model '" + then.name + "', not with '" + model.name + "'",
                "open that model with --model, or start a new session file");
  }
  if (!then.storage.empty() && then.storage != model.storage) {
    throw Error(had + "storage " + then.storage + ", not with " + model.storage,
                "give " + storage_flags(then.storage) + ", or start a new session file");
  }
  throw Error(
      had + "the model '" + model.name + "' as it was converted, trained or stored then, not as it is now",
      "give the same conversion flags (--seed is one where text is sampled), --dtype and --kv-dtype, or start a "
      "new session file");
}

}  // namespace stac::runtime
