#include "torchscript/exact_product.hpp"

#include <algorithm>
#include <bit>

#include "torchscript/attributes.hpp"

namespace stac::torchscript {

namespace {

constexpr int kExactBits = 53;  // of f64

constexpr const char* kSource = R"SCRIPT(
def product(self, codes: Tensor, mantissas: Tensor) -> Tensor:
    rest = mantissas.double()
    if self.slices == 1:
        return torch.matmul(codes, rest)
    step = 2.0 ** self.slice_bits
    low = rest - torch.floor(rest / step) * step
    total = torch.matmul(codes, low).long()
    weight = 1
    for slice in range(1, self.slices):
        rest = torch.floor(rest / step)
        low = rest
        if slice + 1 < self.slices:
            low = rest - torch.floor(rest / step) * step
        weight = weight << self.slice_bits
        total = total + torch.matmul(codes, low).long() * weight
    return total.double()
)SCRIPT";

int width(std::int64_t n) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n))); }

}  // namespace

void define_product(torch::jit::Module& module, std::int64_t terms, std::int64_t contribution, int bits) {
  const int room = std::min(kExactBits - width(terms) - width(contribution), bits);
  const int slices = (bits + room - 1) / room;
  add(module, "slice_bits", static_cast<std::int64_t>(room));
  add(module, "slices", static_cast<std::int64_t>(slices));
  module.define(kSource);
}

}  // namespace stac::torchscript
