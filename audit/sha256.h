// SHA-256 as lower-case hex: how the trail names a line, a statement or a policy.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pgward::audit {

inline constexpr std::size_t kHashChars = 64;

std::string sha256_hex(std::string_view bytes);
void sha256_hex(std::string_view bytes, std::string& hex);  // into memory that is there already

// What stands for "the line before" in the first line of a log.
inline constexpr std::string_view kNoHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

bool is_hash(std::string_view text);  // 64 of 0-9a-f

}  // namespace pgward::audit
