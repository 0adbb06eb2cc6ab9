#include "model/sgemm.hpp"

#include <oneapi/dnnl/dnnl.h>

#include <stdexcept>
#include <string>

#include "model/work_threads.hpp"

namespace stac::model {
namespace {

void run(char transpose_b, const ProductSize& size, float alpha, ConstMatrix a, ConstMatrix b, float beta, Matrix c) {
  const WorkThreads threads(size.m * size.n * size.k);
  const dnnl_status_t status = dnnl_sgemm('N', transpose_b, size.m, size.n, size.k, alpha, a.data, a.stride, b.data,
                                          b.stride, beta, c.data, c.stride);
  if (status == dnnl_success) return;
  throw std::runtime_error("oneDNN refused a product of " + std::to_string(size.m) + " x " + std::to_string(size.k) +
                           " x " + std::to_string(size.n) + " (status " + std::to_string(status) + ")");
}

}  // namespace

void sgemm(const ProductSize& size, float alpha, ConstMatrix a, ConstMatrix b, float beta, Matrix c) {
  run('N', size, alpha, a, b, beta, c);
}

void sgemm_transposed(const ProductSize& size, float alpha, ConstMatrix a, ConstMatrix b, float beta, Matrix c) {
  run('T', size, alpha, a, b, beta, c);
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

}  // namespace stac::model
