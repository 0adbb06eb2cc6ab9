#include "stac/io/json_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <utility>
#include <vector>

#include "io/file_descriptor.hpp"
#include "io/json_events.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

using nlohmann::json;

/// Builds the value while it checks what the library's own builder lets pass: duplicate keys, depth, count.
class TreeBuilder final : public JsonEvents {
 public:
  explicit TreeBuilder(const JsonLimits& limits) : limits_(limits) {}
  json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& members = open_.back()->get_ref<json::object_t&>();
    const auto [member, added] = members.try_emplace(std::move(name));
    if (!added) return fail("duplicate key " + in_quotes(member->first));
    member_ = &member->second;
    return true;
  }

 private:
  /// Where the next value belongs. A container does not grow while a child of it is open, so pointers hold.
  json* place(json&& value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_object()) return &(*member_ = std::move(value));
    auto& elements = open_.back()->get_ref<json::array_t&>();
    return &elements.emplace_back(std::move(value));
  }

  bool add(json value) {
    if (++values_ > limits_.values) return fail("more than " + std::to_string(limits_.values) + " values");
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    if (++values_ > limits_.values) return fail("more than " + std::to_string(limits_.values) + " values");
    if (open_.size() >= limits_.depth) return fail("nested more than " + std::to_string(limits_.depth) + " deep");
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  JsonLimits limits_;
  json root_;
  std::vector<json*> open_;
  json* member_ = nullptr;
  std::size_t values_ = 0;
};

}  // namespace

json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  TreeBuilder builder(limits);
  read_json_events(text, where, builder);
  return builder.take();
}

json read_json_file(const std::filesystem::path& path, const JsonLimits& limits) {
  return parse_json(read_text_file(path, limits.bytes), path.string(), limits);
}

std::string read_text_file(const std::filesystem::path& path, std::uint64_t limit) {
  struct stat facts {};
  const FileDescriptor file = open_regular_file(path, facts);
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (size > limit) {
    throw Error(path.string() + ": too large: " + std::to_string(size) + " bytes, at most " + std::to_string(limit) +
                    " are read",
                "check that this is the file that its name says");
  }
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path.string() + ": cannot be read: " + system_reason());
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

void for_each_json_line(const std::filesystem::path& path,
                        const std::function<bool(const json& value, const std::string& where)>& take) {
  std::istringstream lines(read_text_file(path));
  std::string line;
  for (std::int64_t number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = path.string() + ", line " + std::to_string(number);
    if (!take(parse_json(line, where, {}), where)) return;
  }
}

}  // namespace stac::io
