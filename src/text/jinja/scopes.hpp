// The names that a template can see, from the innermost scope outwards.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

class Scopes {
 public:
  explicit Scopes(std::map<std::string, Value> outermost) { levels_.push_back(std::move(outermost)); }

  /// An undefined value of that name where none is found.
  [[nodiscard]] Value find(const std::string& name) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      const auto found = level->find(name);
      if (found != level->end()) return found->second;
    }
    return Undefined{name};
  }

  void set(const std::string& name, Value value) { levels_.back()[name] = std::move(value); }

  /// Opens a scope for as long as it lives.
  class Inner {
   public:
    explicit Inner(Scopes& scopes) : scopes_(scopes) { scopes_.levels_.emplace_back(); }
    ~Inner() { scopes_.levels_.pop_back(); }
    Inner(const Inner&) = delete;
    Inner& operator=(const Inner&) = delete;

   private:
    Scopes& scopes_;
  };

  /// For as long as it lives, only the outermost scope is seen: what a macro sees of the template.
  class Outermost {
   public:
    explicit Outermost(Scopes& scopes) : scopes_(scopes) {
      hidden_.assign(std::make_move_iterator(scopes.levels_.begin() + 1),
                     std::make_move_iterator(scopes.levels_.end()));
      scopes_.levels_.resize(1);
    }
    ~Outermost() {
      for (auto& level : hidden_) scopes_.levels_.push_back(std::move(level));
    }
    Outermost(const Outermost&) = delete;
    Outermost& operator=(const Outermost&) = delete;

   private:
    Scopes& scopes_;
    std::vector<std::map<std::string, Value>> hidden_;
  };

 private:
  std::vector<std::map<std::string, Value>> levels_;
};

}  // namespace stac::text::jinja
