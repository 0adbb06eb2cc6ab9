// Memory for weights that are streamed: on huge pages where the system gives them, so that a pass over it misses fewer
// translations of addresses.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace stac::snn {

/// An array whose elements are not initialised.
template <typename Element>
class HugePages {
 public:
  explicit HugePages(std::size_t count) : elements_(allocate(count * sizeof(Element))) {}
  [[nodiscard]] Element* data() { return elements_.get(); }
  [[nodiscard]] const Element* data() const { return elements_.get(); }

 private:
  static constexpr std::size_t kHuge = std::size_t{1} << 21U;
  static constexpr std::size_t kLine = 64;

  static Element* allocate(std::size_t bytes) {
    const std::size_t alignment = bytes >= kHuge ? kHuge : kLine;
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, bytes) != 0) throw std::bad_alloc();
    if (bytes >= kHuge) static_cast<void>(madvise(memory, bytes / kHuge * kHuge, MADV_HUGEPAGE));  // a wish
    return static_cast<Element*>(memory);
  }
  struct Free {
    void operator()(Element* memory) const { std::free(memory); }
  };
  std::unique_ptr<Element, Free> elements_;
};

}  // namespace stac::snn
