// Standard base64 with padding (RFC 4648, section 4), one spelling for each value.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::audit {

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

template <std::size_t n>
std::string_view bytes_of(const std::array<unsigned char, n>& array) {
  return {reinterpret_cast<const char*>(array.data()), n};
}

}  // namespace pgward::audit
