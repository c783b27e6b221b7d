// The bytes of a gzip file, one piece after another, in bounded memory. One member, and nothing behind it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>

namespace pgward::audit {

class Gunzip {
 public:
  explicit Gunzip(int fd);
  ~Gunzip();
  // As read(2); -1 with EIO when it is damaged, cut short, or goes on behind its end.
  ssize_t read(char* bytes, std::size_t size);

 private:
  struct State;
  ssize_t more();

  int fd_;
  std::unique_ptr<State> state_;
};

}  // namespace pgward::audit
