// What a fuzz target demands. Stays in builds without assertions.
#pragma once

#include <cstdlib>

#define CHECK(condition)            \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)
