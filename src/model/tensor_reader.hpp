// Reads a checkpoint's tensors by name and expected shape, and remembers which it has used.
#pragma once
#include <ATen/core/Tensor.h>

#include <set>
#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"

namespace stac::model {

/// A tensor of a store by name: bytes stay where they lie, and the store itself need not live on.
struct StoredView {
  std::string name;
  io::TensorView view;
};

/// As contiguous f32; shares the mapped bytes where they are f32 already.
[[nodiscard]] at::Tensor in_f32(const StoredView& stored);

class TensorReader {
 public:
  /// @param prefix  what checkpoints may put before a name ("transformer."); both forms are found
  TensorReader(const io::TensorStore& store, std::string prefix);

  /// Looks at the header only: nothing is allocated.
  /// @throws stac::Error naming the tensor: missing, misshapen, of integer type
  void require(const std::string& name, const std::vector<std::int64_t>& shape);

  /// Looks at every required tensor's numbers, where they lie: nothing is allocated.
  /// @throws stac::Error naming file, tensor and the first element that is a NaN or an infinity
  void require_finite() const;

  /// A required tensor.
  [[nodiscard]] StoredView view(const std::string& name) const;

  [[nodiscard]] bool has(const std::string& name) const;
  /// The name under which the store holds it.
  [[nodiscard]] std::string stored(const std::string& name) const;
  /// True if both are stored with the same dtype, shape and bytes.
  [[nodiscard]] bool same_content(const std::string& name, const std::string& other) const;
  [[nodiscard]] std::string where(const std::string& name) const;

  void mark_used(const std::string& name);
  /// The store's names that somebody required or marked, sorted; and those that nobody did.
  [[nodiscard]] std::vector<std::string> used() const { return {used_.begin(), used_.end()}; }
  [[nodiscard]] std::vector<std::string> unused() const;

 private:
  const io::TensorStore& store_;
  std::string prefix_;
  std::set<std::string> used_;
};

}  // namespace stac::model
