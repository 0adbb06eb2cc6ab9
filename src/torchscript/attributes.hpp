// What a TorchScript module holds, by name.
#pragma once
#include <torch/script.h>

#include <string>
#include <vector>

namespace stac::torchscript {

inline void add(torch::jit::Module& module, const std::string& name, bool value) {
  module.register_attribute(name, c10::BoolType::get(), value);
}
inline void add(torch::jit::Module& module, const std::string& name, double value) {
  module.register_attribute(name, c10::FloatType::get(), value);
}
inline void add(torch::jit::Module& module, const std::string& name, std::int64_t value) {
  module.register_attribute(name, c10::IntType::get(), value);
}
inline void add(torch::jit::Module& module, const std::string& name, const std::string& value) {
  module.register_attribute(name, c10::StringType::get(), value);
}
inline void add(torch::jit::Module& module, const std::string& name, const std::vector<double>& values) {
  module.register_attribute(name, c10::ListType::ofFloats(), c10::List<double>(c10::ArrayRef<double>(values)));
}
inline void add(torch::jit::Module& module, const std::string& name, const std::vector<std::int64_t>& values) {
  module.register_attribute(name, c10::ListType::ofInts(),
                            c10::List<std::int64_t>(c10::ArrayRef<std::int64_t>(values)));
}

}  // namespace stac::torchscript
