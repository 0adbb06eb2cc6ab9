// LibTorch's number of threads, for the length of a scope.
#pragma once

namespace stac::model {

/// Sets LibTorch's threads, and those of its parallel loops as this library compiles them, and puts both back.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
};

/// For the rest of the process. @param threads  at least 1
void set_threads(int threads);

}  // namespace stac::model
