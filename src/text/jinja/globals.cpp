#include "text/jinja/globals.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "text/jinja/methods.hpp"
#include "text/jinja/printing.hpp"

namespace stac::text::jinja {
namespace {

constexpr std::int64_t longest_range = 100'000;  // Jinja's own sandbox limit

Value function(const char* name, std::function<Value(const Arguments&)> call) {
  return std::make_shared<const Callable>(Callable{name, std::move(call)});
}

std::int64_t whole(const Value& value) {
  require_defined(value);
  if (!value.is_integer()) throw ValueError("'" + value.type_name() + "' object cannot be interpreted as an integer");
  return value.as_integer();
}

Value range(const Arguments& arguments) {
  const std::size_t given = arguments.positional.size();
  if (!arguments.named.empty()) throw ValueError("range() takes no keyword arguments");
  if (given == 0) throw ValueError("range expected at least 1 argument, got 0");
  if (given > 3) throw ValueError("range expected at most 3 arguments, got " + std::to_string(given));
  const bool only_end = arguments.positional.size() == 1;
  const std::int64_t begin = only_end ? 0 : whole(arguments.require(0, "start"));
  const std::int64_t end = whole(arguments.require(only_end ? 0 : 1, "stop"));
  const std::int64_t step = arguments.positional.size() == 3 ? whole(arguments.positional[2]) : 1;
  if (step == 0) throw ValueError("range() arg 3 must not be zero");
  Value::Items items;
  for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (static_cast<std::int64_t>(items.size()) >= longest_range) {
      throw ValueError("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    }
    items.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  const std::string text = "range(" + std::to_string(begin) + ", " + std::to_string(end) +
                           (step == 1 ? "" : ", " + std::to_string(step)) + ")";
  return Value::sequence(std::move(items), SequenceKind::range, text);
}

Value raise_exception(const Arguments& arguments) {
  arguments.allow(1, {"message"});
  throw ValueError(to_text(arguments.require(0, "message")));
}

Value strftime_now(const Arguments& arguments) {
  arguments.allow(1, {"format"});
  const std::string format = to_text(arguments.require(0, "format"));
  if (format.empty()) return "";
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 512> buffer{};
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), format.c_str(), &local);
  const bool may_be_empty = format == "%p" || format == "%Z";  // a locale without AM and PM, a zone without a name
  if (length == 0 && !may_be_empty) throw ValueError("the time's text is too long");
  return std::string(buffer.data(), length);
}

Value::Pairs pairs_of(const Value& list) {
  Value::Pairs pairs;
  for (const Value& pair : iterate(list)) {
    const Value::Items both = iterate(pair);
    if (both.size() != 2)
      throw ValueError("a dict is made of pairs, not of " + std::to_string(both.size()) + " values");
    pairs.emplace_back(both[0], both[1]);
  }
  return pairs;
}

/// The pairs of a dict argument, if any, then the named arguments.
Value::Pairs gather_pairs(const Arguments& arguments) {
  if (arguments.positional.size() > 1) {
    throw ValueError("dict expected at most 1 argument, got " + std::to_string(arguments.positional.size()));
  }
  Value::Pairs pairs;
  if (!arguments.positional.empty()) {
    const Value& first = arguments.positional.front();
    pairs = first.is_mapping() ? first.as_mapping().pairs : pairs_of(first);
  }
  for (const auto& [name, value] : arguments.named) pairs.emplace_back(Value(name), value);
  return pairs;
}

Value make_namespace(Work& work, const Arguments& arguments) {
  const std::shared_ptr<Namespace> space = work.new_namespace();
  for (const auto& [name, value] : gather_pairs(arguments)) {
    require_attribute_name(to_text(name));
    space->attributes[to_text(name)] = value;
  }
  return space;
}

/// cycler(a, b, ...): an object whose next() goes through the values again and again.
Value make_cycler(Work& work, const Arguments& arguments) {
  arguments.allow(arguments.positional.size());
  if (arguments.positional.empty()) throw ValueError("at least one item has to be provided");
  const std::shared_ptr<Namespace> space = work.new_namespace();
  space->type = "jinja2.utils.Cycler";
  Namespace* self = space.get();
  const auto move_to = [self, items = arguments.positional](std::size_t at) {
    self->attributes["pos"] = Value(static_cast<std::int64_t>(at % items.size()));
    self->attributes["current"] = items[at % items.size()];
  };
  move_to(0);
  space->attributes["next"] = function("next", [self, move_to](const Arguments& none) {
    none.allow(0);
    const Value current = self->attributes.at("current");
    move_to(static_cast<std::size_t>(self->attributes.at("pos").as_integer()) + 1);
    return current;
  });
  space->attributes["reset"] = function("reset", [move_to](const Arguments& none) {
    none.allow(0);
    move_to(0);
    return Value(None{});
  });
  return space;
}

/// joiner(sep): a function that gives nothing when first called, and the separator after that.
Value make_joiner(const Arguments& arguments) {
  arguments.allow(1, {"sep"});
  const Value* separator = arguments.find(0, "sep");
  return function("joiner", [used = std::make_shared<bool>(false),
                             text = separator ? *separator : Value(", ")](const Arguments& none) {
    none.allow(0);
    return std::exchange(*used, true) ? text : Value("");
  });
}

}  // namespace

std::map<std::string, Value> global_functions(Work& work) {
  return {{"range", function("range", range)},
          {"raise_exception", function("raise_exception", raise_exception)},
          {"strftime_now", function("strftime_now", strftime_now)},
          {"cycler", function("cycler", [&work](const Arguments& a) { return make_cycler(work, a); })},
          {"joiner", function("joiner", make_joiner)},
          {"dict", function("dict", [](const Arguments& a) { return Value::dict(gather_pairs(a)); })},
          {"namespace", function("namespace", [&work](const Arguments& a) { return make_namespace(work, a); })}};
}

}  // namespace stac::text::jinja
