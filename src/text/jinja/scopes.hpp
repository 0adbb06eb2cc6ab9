// The names that a template can see, from the innermost scope outwards.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

class Scopes {
 public:
  using Level = std::map<std::string, Value>;

  explicit Scopes(Level outermost) { levels_.push_back(std::make_shared<Level>(std::move(outermost))); }

  /// An undefined value of that name where none is found.
  [[nodiscard]] Value find(const std::string& name) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      const auto found = (*level)->find(name);
      if (found != (*level)->end()) return found->second;
    }
    return Undefined{"'" + name + "' is undefined"};
  }

  void set(const std::string& name, Value value) { (*levels_.back())[name] = std::move(value); }

  /// Opens a scope for as long as it lives.
  class Inner {
   public:
    explicit Inner(Scopes& scopes) : scopes_(scopes) { scopes_.levels_.push_back(std::make_shared<Level>()); }
    ~Inner() { scopes_.levels_.pop_back(); }
    Inner(const Inner&) = delete;
    Inner& operator=(const Inner&) = delete;

   private:
    Scopes& scopes_;
  };

  /// The scopes of one place, as a macro keeps those that it is defined in. It does not keep them alive: the macro lies
  /// in one of them.
  using Closure = std::vector<std::weak_ptr<Level>>;
  [[nodiscard]] Closure closure() const { return {levels_.begin(), levels_.end()}; }

  /// For as long as it lives, the scopes of a closure are seen instead of those here.
  class Entered {
   public:
    Entered(Scopes& scopes, const Closure& closure) : scopes_(scopes) {
      std::vector<std::shared_ptr<Level>> entered;
      for (const std::weak_ptr<Level>& level : closure) {
        if (auto alive = level.lock()) entered.push_back(std::move(alive));
      }
      hidden_ = std::exchange(scopes_.levels_, std::move(entered));
    }
    ~Entered() { scopes_.levels_ = std::move(hidden_); }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Scopes& scopes_;
    std::vector<std::shared_ptr<Level>> hidden_;
  };

 private:
  std::vector<std::shared_ptr<Level>> levels_;
};

}  // namespace stac::text::jinja
