// Plain byte types that every layer shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pgward::protocol {

// Bytes of the wire. A view is good for as long as the buffer it looks into; each function that
// returns one says which buffer that is.
using ByteView = std::string_view;
using Bytes = std::string;

}  // namespace pgward::protocol
