#include "convert/panel_products.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "model/sgemm.hpp"
#include "snn/task_queue.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

/// Of a result, made by one thread: its f64 sums stay in the second-level cache.
struct Tile {
  std::int64_t row, column, rows, columns;
};

constexpr std::int64_t kTileRows = 128, kTileColumns = 256;

std::vector<Tile> tiles_of(std::int64_t rows, std::int64_t columns) {
  std::vector<Tile> tiles;
  for (std::int64_t row = 0; row < rows; row += kTileRows) {
    for (std::int64_t column = 0; column < columns; column += kTileColumns) {
      tiles.push_back({row, column, std::min(kTileRows, rows - row), std::min(kTileColumns, columns - column)});
    }
  }
  return tiles;
}

model::ConstMatrix part_of(const at::Tensor& matrix, std::int64_t row, std::int64_t column) {
  return {matrix.data_ptr<float>() + row * matrix.stride(0) + column, matrix.stride(0)};
}

template <typename MakeWorker>
void run_tiles(const std::vector<Tile>& tiles, const MakeWorker& make_worker) {
  std::optional<model::ThreadLimit> alone;
  if (tiles.size() == 1) alone.emplace(1);  // else oneDNN would split it
  snn::run_tasks(static_cast<std::int64_t>(tiles.size()),
                 [&] { return [worker = make_worker(), &tiles](std::int64_t task) mutable { worker(tiles[task]); }; });
}

void add_to(const at::Tensor& sums, const Tile& tile, const std::vector<float>& part) {
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    const float* const from = part.data() + i * tile.columns;
    double* const to = sums.data_ptr<double>() + (tile.row + i) * sums.stride(0) + tile.column;
    for (std::int64_t j = 0; j < tile.columns; ++j) to[j] += static_cast<double>(from[j]);
  }
}

/// @param product  of some rows and columns k of the operands: (tile, first k, their number, result)
template <typename Product>
void add_tiles(const at::Tensor& sums, const std::vector<Tile>& tiles, std::int64_t depth, const Product& product) {
  run_tiles(tiles, [&] {
    return [&, part = std::vector<float>(kTileRows * kTileColumns)](const Tile& tile) mutable {
      for (std::int64_t k = 0; k < depth; k += kSummedRows) {
        product(tile, k, std::min(kSummedRows, depth - k), model::Matrix{part.data(), tile.columns});
        add_to(sums, tile, part);
      }
    };
  });
}

void add_transposed(const at::Tensor& sums, const std::vector<Tile>& tiles, float factor, const at::Tensor& a,
                    const at::Tensor& b) {
  add_tiles(sums, tiles, a.size(1), [&](const Tile& tile, std::int64_t k, std::int64_t depth, model::Matrix part) {
    model::sgemm_transposed({tile.rows, tile.columns, depth}, factor, part_of(a, tile.row, k),
                            part_of(b, tile.column, k), 0.F, part);
  });
}

}  // namespace

at::Tensor spread_rows(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t line = 16;  // floats
  return at::empty({rows, columns + line}).narrow(1, 0, columns);
}

at::Tensor spread_transpose(const at::Tensor& matrix) {
  at::Tensor result = spread_rows(matrix.size(1), matrix.size(0));
  return result.copy_(matrix.t());
}

at::Tensor panel_product(const at::Tensor& x, const at::Tensor& weight) {
  at::Tensor result = at::empty({x.size(0), weight.size(0)});
  run_tiles(tiles_of(x.size(0), weight.size(0)), [&] {
    return [&](const Tile& tile) {
      model::sgemm_transposed({tile.rows, tile.columns, x.size(1)}, 1.F, part_of(x, tile.row, 0),
                              part_of(weight, tile.column, 0), 0.F,
                              {result.data_ptr<float>() + tile.row * result.size(1) + tile.column, result.size(1)});
    };
  });
  return result;
}

void add_product(const at::Tensor& sums, float factor, const at::Tensor& a, const at::Tensor& b) {
  add_tiles(sums, tiles_of(sums.size(0), sums.size(1)), a.size(1),
            [&](const Tile& tile, std::int64_t k, std::int64_t depth, model::Matrix part) {
              model::sgemm({tile.rows, tile.columns, depth}, factor, part_of(a, tile.row, k),
                           part_of(b, k, tile.column), 0.F, part);
            });
}

void add_product_transposed(const at::Tensor& sums, float factor, const at::Tensor& a, const at::Tensor& b) {
  add_transposed(sums, tiles_of(sums.size(0), sums.size(1)), factor, a, b);
}

void add_triangle(const at::Tensor& sums, float factor, const at::Tensor& a) {
  std::vector<Tile> tiles = tiles_of(sums.size(0), sums.size(1));
  std::erase_if(tiles, [](const Tile& tile) { return tile.column >= tile.row + tile.rows; });
  add_transposed(sums, tiles, factor, a, a);
}

}  // namespace stac::convert
