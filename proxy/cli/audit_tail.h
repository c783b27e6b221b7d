// `pgward audit tail`.
#pragma once

#include <cstddef>
#include <string>

namespace pgward::proxy {

// The exit status: 0, or 2 when the trail cannot be read.
int tail(const std::string& directory, std::size_t count);

}  // namespace pgward::proxy
