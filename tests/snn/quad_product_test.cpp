#include "snn/quad_product.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "every_target.hpp"
#include "random_panel.hpp"

namespace stac::snn {
namespace {

std::vector<std::int32_t> by_quads(const std::int8_t* panel, const ByteCodes& codes) {
  std::vector<CodeQuad> quads(codes.rows * ((codes.count + 1) / 2));
  std::vector<std::int32_t> sums(codes.rows * kByteOutputs, -1);
  const CodeQuads packed = pack_quads(codes, quads.data());
  multiply_quads(panel, {&packed, 1}, nullptr, sums.data());
  return sums;
}

TEST(QuadProduct, EqualsThePlainLoopOnEveryTargetForEveryNumberOfRows) {
  std::mt19937 random(9);
  for (const std::int64_t inputs : {1, 2, 3, 7, 64, 66, 575, 768}) {
    for (const std::int64_t outputs : {1, 17, 64}) {
      for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
        const Product product(inputs, outputs, rows, kLargestQuadCode, 0.2, random);
        const std::vector<std::int32_t> expected = product.by_definition();
        on_every_target([&] {
          EXPECT_EQ(
              by_quads(product.panel.data(), {product.first_code(), product.stride, rows, nullptr, product.pairs}),
              expected)
              << inputs << " inputs, " << outputs << " outputs, " << rows << " rows";
        });
      }
    }
  }
}

TEST(QuadProduct, OfListedPairsEqualsThatOfTheSamePairs) {
  std::mt19937 random(10);
  for (const std::int64_t count : {1, 2, 5, 40}) {
    for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
      const Product product(301, 64, rows, kLargestQuadCode, 0.5, random);
      std::vector<std::int32_t> listed;
      for (std::int64_t i = 0; i < count; ++i) listed.push_back(static_cast<std::int32_t>(3 * i));
      const ByteCodes codes{product.first_code(), product.stride, rows, listed.data(), count};
      on_every_target([&] {
        std::vector<std::int32_t> expected(rows * kByteOutputs);
        multiply_bytes(product.panel.data(), codes, expected.data());
        EXPECT_EQ(by_quads(product.panel.data(), codes), expected) << count << " pairs, " << rows << " rows";
      });
    }
  }
}

TEST(QuadProduct, IsExactAtTheEndsOfBothRanges) {
  const std::int64_t pairs = byte_pairs_that_fit(kLargestQuadCode);
  for (const int weight : {-128, 127}) {
    for (const int code : {-kLargestQuadCode, kLargestQuadCode}) {
      const std::vector<std::int8_t> panel(pairs * kBytePair, static_cast<std::int8_t>(weight));
      const std::vector<std::int16_t> codes(2 * pairs, static_cast<std::int16_t>(code));
      on_every_target([&] {
        const std::vector<std::int32_t> sums = by_quads(panel.data(), {codes.data(), 2 * pairs, 1, nullptr, pairs});
        EXPECT_EQ(sums, std::vector<std::int32_t>(kByteOutputs, static_cast<std::int32_t>(2 * pairs * code * weight)));
      });
    }
  }
}

// Of tiles that take all pairs, and between them one that lists its own and one that lists none; the last one has fewer
// rows.
TEST(QuadProduct, OfSeveralTilesIsThatOfEachWhateverComesNext) {
  std::mt19937 random(12);
  for (const std::int64_t inputs : {1, 2, 3, 64, 127, 128, 129, 130, 575, 768}) {
    for (const std::int64_t count : {1, 2, 3, 4, 5, 6, int(kMostQuadTiles)}) {
      std::vector<Product> products;  // of which the first one's weights meet all codes
      for (std::int64_t t = 0; t < count; ++t)
        products.emplace_back(inputs, 64, kByteRows, kLargestQuadCode, 0.2, random);
      const std::int8_t* const panel = products.front().panel.data();
      const std::int64_t pairs = products.front().pairs;
      std::vector<std::int32_t> listed;
      for (std::int64_t pair = 0; pair < pairs; pair += 2) listed.push_back(static_cast<std::int32_t>(pair));
      std::vector<std::vector<CodeQuad>> quads(count);
      on_every_target([&] {
        std::vector<CodeQuads> tiles;
        std::vector<std::int32_t> expected(count * kByteRows * kByteOutputs, 7), sums(expected);
        for (std::int64_t t = 0; t < count; ++t) {
          ByteCodes codes{products[t].first_code(), products[t].stride, kByteRows, nullptr, pairs};
          if (t == 3) codes = {codes.codes, codes.stride, 3, listed.data(), 0};  // all are silent
          if (t == 2) codes = {codes.codes, codes.stride, 2, listed.data(), static_cast<std::int64_t>(listed.size())};
          if (t == count - 1) codes.rows = 1 + count % kByteRows;
          quads[t].resize(codes.rows * ((codes.count + 1) / 2));
          tiles.push_back(pack_quads(codes, quads[t].data()));
          multiply_bytes(panel, codes, expected.data() + t * kByteRows * kByteOutputs);
        }
        for (const std::int8_t* const next : {static_cast<const std::int8_t*>(nullptr), panel}) {
          multiply_quads(panel, tiles, next, sums.data());
          EXPECT_EQ(sums, expected) << inputs << " inputs, " << count << " tiles";
        }
      });
    }
  }
}

}  // namespace
}  // namespace stac::snn
