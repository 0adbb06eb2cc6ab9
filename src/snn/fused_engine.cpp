#include "snn/fused_engine.hpp"

namespace stac::snn {

std::shared_ptr<const CodeTable> FusedEngine::table(const Code& code) const {
  const std::lock_guard lock(tables_mutex_);
  std::shared_ptr<const CodeTable>& table = tables_[code];
  if (!table) table = std::make_shared<const CodeTable>(code);
  return table;
}

}  // namespace stac::snn
