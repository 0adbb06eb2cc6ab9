#include "io/safetensors_header.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "io/json_events.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

constexpr const char* kHint = "the file looks damaged or cut off: fetch it again, or check its sha256";

/// A state machine over the three levels that a header may have; anything deeper is refused where it begins.
class HeaderEvents final : public JsonEvents {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unexpected("a number that is not an integer of 64 bits");
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (at_ == At::shape) return add_dimension(value);
    if (at_ == At::offsets) return add_offset(value);
    return unexpected("a number");
  }

  bool string(string_t& value) override {
    if (at_ == At::metadata_value) return add_metadata(value);
    if (at_ == At::dtype_field) return set_dtype(value);
    return unexpected("a string");
  }

  bool start_object(std::size_t) override {
    if (at_ == At::start) return go(At::top);
    if (at_ != At::top_value) return unexpected("an object");
    return go(is_metadata_ ? At::metadata : At::tensor);
  }

  bool key(string_t& name) override {
    if (at_ == At::top) return start_entry(name);
    if (at_ == At::metadata) return start_metadata(name);
    return start_field(name);
  }

  bool end_object() override {
    if (at_ == At::top) return go(At::end);
    if (at_ == At::tensor) return finish_tensor();
    return go(At::top);
  }

  bool start_array(std::size_t) override {
    if (at_ == At::shape_field) return go(At::shape);
    if (at_ == At::offsets_field) return go(At::offsets);
    return unexpected("an array");
  }

  bool end_array() override {
    if (at_ == At::offsets && offsets_ != 2) return tensor_fail("data_offsets does not hold two numbers");
    return go(At::tensor);
  }

 private:
  enum class At {
    start,
    top,
    top_value,
    metadata,
    metadata_value,
    tensor,
    dtype_field,
    shape_field,
    shape,
    offsets_field,
    offsets,
    end
  };

  bool go(At place) {
    at_ = place;
    return true;
  }

  bool tensor_fail(const std::string& rule) { return fail("tensor " + in_quotes(current_.name) + ": " + rule); }

  bool unexpected(const std::string& what) {
    switch (at_) {
      case At::start:
        return fail("the header is not a JSON object");
      case At::metadata_value:
        return fail("'__metadata__' must map strings to strings: " + in_quotes(metadata_key_) + " is " + what);
      case At::dtype_field:
        return tensor_fail("dtype must be a string, not " + what);
      case At::shape_field:
      case At::shape:
        return tensor_fail("shape must be an array of non-negative integers, not " + what);
      case At::offsets_field:
      case At::offsets:
        return tensor_fail("data_offsets must be two non-negative integers, not " + what);
      default:
        return is_metadata_ ? fail("'__metadata__' must be an object of strings, not " + what)
                            : tensor_fail("must be an object with dtype, shape and data_offsets, not " + what);
    }
  }

  bool start_entry(string_t& name) {
    is_metadata_ = name == kMetadataKey;
    if (is_metadata_ && std::exchange(has_metadata_, true)) return fail("duplicate key '__metadata__'");
    current_ = {};
    current_.name = std::move(name);
    has_dtype_ = has_shape_ = has_offsets_ = false;
    offsets_ = 0;
    return go(At::top_value);
  }

  bool start_metadata(string_t& name) {
    if (header_.metadata.size() >= kMostMetadata) return fail("'__metadata__' has more than a million entries");
    metadata_key_ = std::move(name);
    return go(At::metadata_value);
  }

  bool add_metadata(string_t& value) {
    if (!header_.metadata.try_emplace(metadata_key_, std::move(value)).second) {
      return fail("duplicate key " + in_quotes(metadata_key_) + " in '__metadata__'");
    }
    return go(At::metadata);
  }

  bool start_field(const string_t& name) {
    if (name == "dtype") return start_known_field(name, has_dtype_, At::dtype_field);
    if (name == "shape") return start_known_field(name, has_shape_, At::shape_field);
    if (name == "data_offsets") return start_known_field(name, has_offsets_, At::offsets_field);
    return tensor_fail("unknown field " + in_quotes(name));
  }

  bool start_known_field(const string_t& name, bool& seen, At place) {
    if (std::exchange(seen, true)) return tensor_fail("duplicate key " + in_quotes(name));
    return go(place);
  }

  bool set_dtype(const string_t& name) {
    const std::optional<DType> dtype = parse_dtype(name);
    if (!dtype) return tensor_fail("unknown dtype " + in_quotes(name));
    current_.dtype = *dtype;
    return go(At::tensor);
  }

  bool add_dimension(std::uint64_t size) {
    if (current_.shape.size() >= kMostDimensions) return tensor_fail("shape has more than 64 dimensions");
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return tensor_fail("shape overflows: dimension " + std::to_string(size));
    }
    current_.shape.push_back(static_cast<std::int64_t>(size));
    return true;
  }

  bool add_offset(std::uint64_t offset) {
    if (offsets_ == 2) return tensor_fail("data_offsets does not hold two numbers");
    (offsets_ == 0 ? current_.begin : current_.end) = offset;
    ++offsets_;
    return true;
  }

  bool finish_tensor() {
    if (!has_dtype_) return tensor_fail("missing field 'dtype'");
    if (!has_shape_) return tensor_fail("missing field 'shape'");
    if (!has_offsets_) return tensor_fail("missing field 'data_offsets'");
    header_.tensors.push_back(std::move(current_));
    return go(At::top);
  }

  SafetensorsHeader header_;
  At at_ = At::start;
  TensorEntry current_;
  std::string metadata_key_;
  bool is_metadata_ = false;
  bool has_metadata_ = false;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  int offsets_ = 0;
};

[[noreturn]] void refuse(const std::string& file, const std::string& name, const std::string& rule) {
  throw Error(file + ": tensor " + in_quotes(name) + ": " + rule, kHint);
}

void check_size(const TensorEntry& tensor, std::uint64_t data_size, const std::string& file) {
  if (tensor.begin > tensor.end) {
    refuse(file, tensor.name,
           "data_offsets out of order: it begins at " + std::to_string(tensor.begin) + " and ends at " +
               std::to_string(tensor.end));
  }
  const std::optional<std::uint64_t> bytes = byte_count(tensor.dtype, tensor.shape);
  if (!bytes) refuse(file, tensor.name, "shape overflows: its byte count does not fit 64 bits");
  if (*bytes != tensor.end - tensor.begin) {
    refuse(file, tensor.name,
           "size mismatch: dtype and shape say " + std::to_string(*bytes) + " bytes, data_offsets say " +
               std::to_string(tensor.end - tensor.begin));
  }
  if (tensor.end > data_size) {
    refuse(file, tensor.name,
           "outside the file: it ends at byte " + std::to_string(tensor.end) + " of the data, which has " +
               std::to_string(data_size));
  }
}

void check_names(const std::vector<TensorEntry>& sorted, const std::string& file) {
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != sorted.end()) refuse(file, twice->name, "duplicate key: the header names it twice");
}

void check_coverage(const std::vector<TensorEntry>& tensors, std::uint64_t data_size, const std::string& file) {
  std::vector<const TensorEntry*> by_place;
  by_place.reserve(tensors.size());
  for (const TensorEntry& tensor : tensors) by_place.push_back(&tensor);
  std::sort(by_place.begin(), by_place.end(), [](const TensorEntry* a, const TensorEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  std::uint64_t covered = 0;
  for (const TensorEntry* tensor : by_place) {
    const std::string place = "it begins at byte " + std::to_string(tensor->begin) +
                              " of the data, the tensors before it end at " + std::to_string(covered);
    if (tensor->begin < covered) refuse(file, tensor->name, "overlap: " + place);
    if (tensor->begin > covered) refuse(file, tensor->name, "hole in the data: " + place);
    covered = tensor->end;
  }
  if (covered != data_size) {
    throw Error(file + ": data not covered: the tensors end at byte " + std::to_string(covered) +
                    " of the data, which has " + std::to_string(data_size),
                kHint);
  }
}

}  // namespace

std::optional<std::uint64_t> byte_count(DType dtype, const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) return std::nullopt;
  }
  if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(bytes_per_element(dtype)), &count)) return std::nullopt;
  return count;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_size, const std::string& file) {
  if (text.empty() || text.front() != '{') throw Error(file + ": the header is not a JSON object", kHint);
  HeaderEvents events;
  read_json_events(text, file + ": header", events);
  SafetensorsHeader header = events.take();
  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.name < b.name; });
  check_names(header.tensors, file);
  for (const TensorEntry& tensor : header.tensors) check_size(tensor, data_size, file);
  check_coverage(header.tensors, data_size, file);
  return header;
}

}  // namespace stac::io
