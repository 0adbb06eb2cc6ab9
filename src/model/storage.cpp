#include "stac/model/storage.hpp"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>

#include "stac/error.hpp"

namespace stac::model {
namespace {

template <typename Stored>
void pass_through(float* values, std::int64_t count) {
  std::transform(values, values + count, values, [](float value) { return static_cast<float>(Stored(value)); });
}

}  // namespace

std::string_view storage_name(Storage storage) {
  switch (storage) {
    case Storage::f32:
      return "f32";
    case Storage::bf16:
      return "bf16";
    case Storage::f16:
      return "f16";
  }
  return "";
}

Storage parse_storage(const std::string& name) {
  for (const Storage storage : {Storage::f32, Storage::bf16, Storage::f16}) {
    if (name == storage_name(storage)) return storage;
  }
  throw UsageError("'" + name + "' is no storage of membranes", "take f32, bf16 or f16");
}

void store(Storage storage, float* values, std::int64_t count) {
  switch (storage) {
    case Storage::f32:
      return;
    case Storage::bf16:
      return pass_through<c10::BFloat16>(values, count);
    case Storage::f16:
      return pass_through<c10::Half>(values, count);
  }
}

}  // namespace stac::model
