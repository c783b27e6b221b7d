// SHA-256: as lower-case hex it names a line, a statement or a policy; as bytes it builds the tree of RFC 6962.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::audit {

inline constexpr std::size_t kHashBytes = 32, kHashChars = 64;
using Hash = std::array<unsigned char, kHashBytes>;

std::string sha256_hex(std::string_view bytes);

// RFC 6962, 2.1: a leaf is hashed behind a byte 0, an inner node behind a byte 1, so that neither passes for the other.
Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);
Hash sha256(std::string_view bytes);

std::string hex_of(const Hash& hash);
void hex_of(const Hash& hash, std::string& hex);  // into memory that is there already
void append_hex(std::string& out, const Hash& hash);
std::optional<Hash> hash_of(std::string_view hex);  // 64 of 0-9a-f, or nothing

// What stands for "the line before" in the first line of a log.
inline constexpr std::string_view kNoHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

bool is_hash(std::string_view text);  // 64 of 0-9a-f

}  // namespace pgward::audit
