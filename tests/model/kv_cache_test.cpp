#include "stac/model/kv_cache.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace stac::model {
namespace {

TEST(KvCache, KeepsEverythingWhileItGrows) {
  KvCache cache(1);
  const at::Tensor all = at::randn({2, 3, 300, 4});
  std::int64_t begin = 0;
  for (const std::int64_t size : {1, 70, 2, 227}) {
    const at::Tensor fresh = all.narrow(2, begin, size);
    begin += size;
    const KvCache::KeysValues past = cache.extend(0, fresh, -fresh);
    cache.commit(size);
    EXPECT_TRUE(at::equal(past.keys, all.narrow(2, 0, begin)));
    EXPECT_TRUE(at::equal(past.values, -all.narrow(2, 0, begin)));
  }
  EXPECT_EQ(cache.length(), 300);
}

TEST(KvCache, UncommittedPositionsDoNotCount) {
  KvCache cache(1);
  static_cast<void>(cache.extend(0, at::ones({1, 1, 5, 2}), at::ones({1, 1, 5, 2})));
  EXPECT_EQ(cache.length(), 0);
  EXPECT_EQ(cache.extend(0, at::zeros({1, 1, 2, 2}), at::zeros({1, 1, 2, 2})).keys.abs().sum().item<float>(), 0.F);
}

TEST(KvCache, TruncatedPositionsAreOverwritten) {
  KvCache cache(1);
  const at::Tensor old = at::randn({1, 1, 5, 2}), fresh = at::randn({1, 1, 1, 2});
  static_cast<void>(cache.extend(0, old, old));
  cache.commit(5);
  cache.truncate(3);
  EXPECT_TRUE(at::equal(cache.extend(0, fresh, fresh).keys, at::cat({old.narrow(2, 0, 3), fresh}, 2)));
}

TEST(KvCache, AnotherBatchNeedsAnEmptyCache) {
  KvCache cache(1);
  const at::Tensor one = at::ones({1, 1, 1, 2}), two = at::ones({2, 1, 1, 2});
  static_cast<void>(cache.extend(0, one, one));
  cache.commit(1);
  EXPECT_THROW(static_cast<void>(cache.extend(0, two, two)), std::invalid_argument);
  cache.truncate(0);
  EXPECT_EQ(cache.extend(0, two, two).keys.size(0), 2);
}

}  // namespace
}  // namespace stac::model
