#include "text/jinja/globals.hpp"

#include <array>
#include <ctime>

#include "text/jinja/printing.hpp"

namespace stac::text::jinja {
namespace {

constexpr std::int64_t longest_range = 100'000;  // Jinja's own sandbox limit

std::int64_t whole(const Value& value) {
  if (!value.is_integer()) throw ValueError("'range' takes whole numbers, not " + value.kind());
  return value.as_integer();
}

Value range(const Arguments& arguments) {
  arguments.allow(3);
  const bool only_end = arguments.positional.size() == 1;
  const std::int64_t begin = only_end ? 0 : whole(arguments.require(0, "start"));
  const std::int64_t end = whole(arguments.require(only_end ? 0 : 1, "stop"));
  const std::int64_t step = arguments.positional.size() == 3 ? whole(arguments.positional[2]) : 1;
  if (step == 0) throw ValueError("a range's step cannot be zero");
  Value::Items items;
  for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (static_cast<std::int64_t>(items.size()) >= longest_range) throw ValueError("the range is too long");
    items.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Value::list(std::move(items));
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
  return std::string(buffer.data(), length);
}

/// The pairs of a dict argument, if any, then the named arguments.
Value::Pairs gather_pairs(const Arguments& arguments) {
  if (arguments.positional.size() > 1)
    throw ValueError("takes one dict, not " + std::to_string(arguments.positional.size()));
  Value::Pairs pairs;
  if (!arguments.positional.empty()) {
    const Value& first = arguments.positional.front();
    if (!first.is_mapping()) throw ValueError("takes a dict, not " + first.kind());
    pairs = first.as_mapping().pairs;
  }
  for (const auto& [name, value] : arguments.named) pairs.emplace_back(Value(name), value);
  return pairs;
}

Value make_namespace(Work& work, const Arguments& arguments) {
  const std::shared_ptr<Namespace> space = work.new_namespace();
  for (const auto& [name, value] : gather_pairs(arguments)) space->attributes[to_text(name)] = value;
  return space;
}

Value function(const char* name, std::function<Value(const Arguments&)> call) {
  return std::make_shared<const Callable>(Callable{name, std::move(call)});
}

}  // namespace

std::map<std::string, Value> global_functions(Work& work) {
  return {{"range", function("range", range)},
          {"raise_exception", function("raise_exception", raise_exception)},
          {"strftime_now", function("strftime_now", strftime_now)},
          {"dict", function("dict", [](const Arguments& a) { return Value::dict(gather_pairs(a)); })},
          {"namespace", function("namespace", [&work](const Arguments& a) { return make_namespace(work, a); })}};
}

}  // namespace stac::text::jinja
