// How much a template may do: an endless one ends in an error instead of taking the machine with it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "text/jinja/error.hpp"
#include "text/jinja/value.hpp"

namespace stac::text::jinja {

class Work {
 public:
  ~Work() {
    for (const auto& space : spaces_) space->attributes.clear();  // namespaces may hold each other
  }

  /// Counts a step, and the size of what it made. @throws ValueError  too much
  void charge(const Value& made) {
    done_ += 1;
    if (made.is_string()) done_ += made.as_string().size() / 16;
    if (made.is_sequence()) done_ += made.as_sequence().items.size();
    if (done_ > most_) throw ValueError("the template does too much work");
  }

  /// Counts one turn of a loop, which costs about as much as ten small expressions.
  void charge_turn() {
    done_ += 10;
    if (done_ > most_) throw ValueError("the template does too much work");
  }

  [[nodiscard]] std::shared_ptr<Namespace> new_namespace() {
    spaces_.push_back(std::make_shared<Namespace>());
    return spaces_.back();
  }

  /// Counts how deep evaluation is nested: a macro that calls itself.
  class Level {
   public:
    Level(Work& work, const Location& where) : work_(work) {
      if (work_.depth_ >= deepest) throw TemplateError(where, "the template is nested too deeply");
      ++work_.depth_;
    }
    ~Level() { --work_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Work& work_;
  };

 private:
  static constexpr int deepest = 700;
  static constexpr std::uint64_t most_ = 5'000'000;
  std::uint64_t done_ = 0;
  int depth_ = 0;
  std::vector<std::shared_ptr<Namespace>> spaces_;
};

}  // namespace stac::text::jinja
