#include <cstdio>
#include <deque>
#include <string>

#include "audit/read.h"

namespace pgward::proxy {

int tail(const std::string& directory, std::size_t count) {
  (void)directory;
  (void)count;
  return 2;
}

}  // namespace pgward::proxy
