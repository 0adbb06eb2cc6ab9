#include "stac/snn/device_engine.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>

#include <bit>
#include <utility>
#include <vector>

#include "snn/encoded_rows.hpp"
#include "snn/fused_engine.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {

namespace {

constexpr int kExactBits = 53;  // of f64
constexpr int kSliceBits = 15;
constexpr int kByteBits = 7;

int width(std::int64_t n) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n))); }

at::ScalarType narrowest(int bits) {
  if (bits <= kByteBits) return at::kChar;
  return bits <= kSliceBits ? at::kShort : at::kInt;
}

/// Integers [outputs, inputs] on a device, in as many slices as exact sums need: weight = low + high 2^15.
class DeviceMatrix {
 public:
  /// @param largest  of a code
  DeviceMatrix(const FixedPointMatrix& weight, std::int64_t largest, at::Device device) {
    const at::Tensor mantissas = weight.mantissa.tensor().view({weight.rows, weight.columns});
    const bool fits = width(weight.columns) + width(largest) + weight.bits <= kExactBits;
    if (fits) {
      slices_.push_back(mantissas.to(narrowest(weight.bits), /*non_blocking=*/false, /*copy=*/true).to(device));
      return;
    }
    const at::Tensor wide = mantissas.to(at::kInt);
    slices_.push_back(wide.bitwise_and((1 << kSliceBits) - 1).to(at::kShort).to(device));
    slices_.push_back(wide.bitwise_right_shift(kSliceBits).to(at::kShort).to(device));
  }

  /// codes W^T. @param codes  int32 [rows, inputs], on the CPU. @return int64 [rows, outputs], on the CPU
  [[nodiscard]] at::Tensor times(const at::Tensor& codes) const {
    const at::Tensor wide = codes.to(slices_.front().device()).to(at::kDouble);
    at::Tensor sums = product(wide, slices_.front());
    for (std::size_t slice = 1; slice < slices_.size(); ++slice) {
      sums.add_(product(wide, slices_[slice]).mul_(std::int64_t{1} << kSliceBits));
    }
    return sums.cpu();
  }

 private:
  static at::Tensor product(const at::Tensor& codes, const at::Tensor& weight) {
    return at::matmul(codes, weight.to(at::kDouble).t()).to(at::kLong);
  }

  std::vector<at::Tensor> slices_;  // low, high
};

class DeviceProjection : public SpikingProjection {
 public:
  DeviceProjection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer, at::Device device)
      : table_(std::move(table)),
        population_(layer.inputs),
        inputs_(layer.weight.columns),
        outputs_(layer.weight.rows),
        unit_(layer.weight.unit),
        bias_(layer.bias),
        weight_(layer.weight, largest_contribution(layer.inputs), device) {}

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    const at::Tensor codes = at::empty({rows, inputs_}, at::kInt);
    std::vector<float> units(rows);
    RowSpikes counted;
    std::vector<float> scratch;
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* const row = in_profile_units(population_, membranes + r * inputs_, inputs_, scratch);
      const RowGains gains = row_gains(population_, row, inputs_);
      units[r] = gains.unit;
      counted += encode(row, gains, codes.data_ptr<std::int32_t>() + r * inputs_);
    }
    read(weight_.times(codes), units, currents);
    const auto fan_out = static_cast<std::uint64_t>(outputs_);
    const auto windows = static_cast<std::uint64_t>(rows * inputs_);
    return {windows * fan_out,        windows,           counted.silent,          counted.spikes,
            counted.spikes * fan_out, counted.saturated, counted.silent * fan_out};
  }

 private:
  RowSpikes encode(const float* row, const RowGains& gains, std::int32_t* codes) const {
    RowSpikes counted;
    for (const GroupGain& group : gains.groups) {
      std::int32_t* const own = codes + group.first;
      counted += encode_channels(population_.code, *table_, row + group.first, group.count, group.scale, own);
      for (std::int64_t j = 0; j < group.count; ++j) own[j] *= group.multiplier;
    }
    return counted;
  }

  void read(const at::Tensor& sums, const std::vector<float>& units, float* currents) const {
    const std::int64_t* const sum = sums.data_ptr<std::int64_t>();
    for (std::size_t r = 0; r < units.size(); ++r) {
      const std::int64_t first = static_cast<std::int64_t>(r) * outputs_;
      for (std::int64_t o = 0; o < outputs_; ++o) {
        currents[first + o] = read_out(sum[first + o], static_cast<double>(units[r]) * unit_[o], bias_[o]);
      }
    }
  }

  std::shared_ptr<const CodeTable> table_;
  Population population_;
  std::int64_t inputs_;
  std::int64_t outputs_;
  std::vector<double> unit_;  // [outputs], of the weight's integer step
  std::vector<double> bias_;
  DeviceMatrix weight_;
};

class DeviceEngine : public FusedEngine {
 public:
  explicit DeviceEngine(at::Device device) : device_(device) {}

  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override {
    require_valid(layer.inputs, layer.weight.columns);
    return std::make_unique<DeviceProjection>(table(layer.inputs.code), layer, device_);
  }

 private:
  at::Device device_;
};

}  // namespace

std::unique_ptr<Engine> device_engine(c10::Device device) { return std::make_unique<DeviceEngine>(device); }

}  // namespace stac::snn
