// How long the secret may be with which a query is cancelled: 4 bytes in protocol 3.0, up to 256 in 3.2.
#pragma once

#include <cstddef>

namespace pgward::protocol {

inline constexpr std::size_t kCancelKeyMin = 4;
inline constexpr std::size_t kCancelKeyMax = 256;

}  // namespace pgward::protocol
