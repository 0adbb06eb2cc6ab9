#include "energy/bill.hpp"
#include "energy/resident_bytes.hpp"
#include "stac/energy/non_spiking.hpp"

namespace stac::energy {
namespace {

using snn::Site;
using snn::SiteId;

constexpr std::uint64_t kWord = 4;  ///< bytes of an f32 scale, a bias, or what int8 products sum up to

struct Arithmetic {
  std::string name;
  std::string multiply, add;  ///< of a product; its accumulator is no wider than the type, but for int8
  std::uint64_t bytes;
};

Arithmetic arithmetic_of(DenseType type) {
  switch (type) {
    case DenseType::f32:
      return {"dense f32", "f32_multiply", "f32_add", 4};
    case DenseType::f16:
      return {"dense f16", "f16_multiply", "f16_add", 2};
    case DenseType::bf16:
      return {"dense bf16", "bf16_multiply", "bf16_add", 2};
    case DenseType::int8:
      return {"dense int8", "int8_multiply", "int32_add", 1};
  }
  return {};
}

bool has_bias(const model::TransformerConfig& config, Site site) {
  switch (site) {
    case Site::query_key_value:
      return config.query_key_value_bias;
    case Site::attention_output:
      return config.attention_output_bias;
    case Site::up:
    case Site::down:
      return config.mlp_bias;
    default:
      return false;
  }
}

class DenseBill {
 public:
  DenseBill(const EnergyModel& model, DenseType type, const SpikingRun& run, const KeptMacs* kept)
      : run_(run),
        kept_(kept),
        type_(type),
        arithmetic_(arithmetic_of(type)),
        bill_(model),
        resident_(resident_numbers(run.config, run.texts)) {}

  [[nodiscard]] Contender contender(const std::string& name) {
    snn::for_each_site(run_.config.layers, [&](std::int64_t layer, Site site) { add_site({layer, site}); });
    const std::uint64_t cached = cached_numbers(run_.config, run_.texts);
    if (type_ == DenseType::int8) round_to_int8(cached, cached / static_cast<std::uint64_t>(run_.config.head_dim));
    bill_.move(Part::cache, cached * arithmetic_.bytes, resident_.cache * arithmetic_.bytes);
    for (const auto& [what, counts] : non_spiking(run_.config, run_.texts)) bill_.add(Part::non_spiking, counts);
    return bill_.contender(name);
  }

 private:
  void add_site(SiteId where) {
    const SiteShape shape = site_shape(run_.config, where, {}, run_.texts);
    const std::uint64_t macs = kept_ ? kept_->at(where) : shape.macs;
    bill_.add(Part::products, {{arithmetic_.multiply, macs}, {arithmetic_.add, macs}});
    if (type_ == DenseType::int8) {
      const bool is_softmax = where.site == Site::mix;  // whose largest weight is 1
      round_to_int8(shape.neurons, is_softmax ? 0 : shape.rows);
      bill_.add(Part::currents, {{"f32_multiply", shape.targets}, {"f32_add", shape.targets}});
    } else {
      if (has_bias(run_.config, where.site)) bill_.add(Part::currents, arithmetic_.add, shape.targets);
      if (where.site == Site::mix) bill_.add(Part::currents, "f32_multiply", shape.targets);  // over the row's sum
    }
    add_traffic(where, shape, macs);
  }

  /// Numbers of rows that each have a scale of their own: the largest magnitude, a division, a multiply each.
  void round_to_int8(std::uint64_t numbers, std::uint64_t rows) {
    bill_.add(Part::encoding,
              {{"int32_compare", rows > 0 ? numbers : 0}, {"f32_divide", rows}, {"f32_multiply", numbers}});
  }

  void add_traffic(SiteId where, const SiteShape& shape, std::uint64_t macs) {
    const std::uint64_t bytes = arithmetic_.bytes;
    const std::uint64_t out_bytes = type_ == DenseType::int8 ? kWord : bytes;
    if (where.site == Site::scores || where.site == Site::mix) {
      bill_.move(Part::cache, macs * bytes, resident_.cache * bytes);
    } else {
      const std::uint64_t beside =
          (type_ == DenseType::int8 ? kWord : 0) + (has_bias(run_.config, where.site) ? kWord : 0);
      bill_.move(Part::weights, macs * bytes + shape.targets * beside, resident_.weights * bytes);
    }
    bill_.move(Part::activations, shape.neurons * bytes + shape.targets * out_bytes, resident_.row * out_bytes);
  }

  const SpikingRun& run_;
  const KeptMacs* kept_;
  DenseType type_;
  Arithmetic arithmetic_;
  Bill bill_;
  Resident resident_;
};

}  // namespace

std::string dense_name(DenseType type) { return arithmetic_of(type).name; }

bool can_price(const EnergyModel& model, DenseType type) {
  const Arithmetic arithmetic = arithmetic_of(type);
  return model.has(arithmetic.multiply) && model.has(arithmetic.add);
}

Contender dense_contender(const EnergyModel& model, DenseType type, const SpikingRun& run) {
  return DenseBill(model, type, run, nullptr).contender(dense_name(type));
}

Contender zero_skipping_contender(const EnergyModel& model, const SpikingRun& run, const KeptMacs& kept) {
  return DenseBill(model, DenseType::int8, run, &kept).contender("int8, zeros skipped");
}

}  // namespace stac::energy
