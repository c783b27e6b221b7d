// `pgward audit tail`.
#pragma once

#include <cstddef>
#include <string>

namespace pgward::proxy {

// That it was read is recorded first, unless `unrecorded`. The exit status: 0, or 2 when the trail cannot be read, or
// that it was read not be recorded.
int tail(const std::string& directory, std::size_t count, bool unrecorded);

}  // namespace pgward::proxy
