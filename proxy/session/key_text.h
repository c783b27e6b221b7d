// Values of keys as the trail's pseudonyms take them: in PostgreSQL's own text form (integers decimal, uuid lower-case with
// dashes, text as it is), wherever they come from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/touched_keys.h"
#include "protocol/bytes.h"

namespace pgward::proxy {

using protocol::ByteView;

// Longer ones are not kept: the key is not known then.
inline constexpr std::size_t kKeyBytesMax = 1024;
inline constexpr std::size_t kKeyListMax = 1000;

// A value of a column as the server sends it. False: it is none of that type, or too long.
bool key_of_row(policy::KeyType type, bool binary, ByteView value, std::string& out);
// What a client writes, as a literal or a parameter in text; nothing where the server might read it in another way.
std::optional<std::string> key_of_text(policy::KeyType type, ByteView text);
// A parameter, declared as `oid` (0: not).
std::optional<std::string> key_of_parameter(policy::KeyType type, std::uint32_t oid, bool binary, ByteView value);
// Of an array: its elements, without NULLs, in `out`. False: not known.
bool keys_of_array(policy::KeyType type, std::uint32_t oid, bool binary, ByteView value, std::vector<std::string>& out);

}  // namespace pgward::proxy
