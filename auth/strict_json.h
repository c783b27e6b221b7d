// JSON (RFC 8259) for texts that somebody else wrote, with nothing left to interpretation.
//
// Refused beside what the grammar refuses: the same member twice (two readers, two meanings), nesting
// beyond depth_max, a byte-order mark, and any NUL byte (the library below takes it for the end of the text).
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

namespace pgward::auth {

using Json = nlohmann::json;

enum class JsonError { malformed, duplicate_member, too_deep };

inline constexpr std::size_t kJsonDepthMax = 16;

std::variant<Json, JsonError> parse_strict_json(std::string_view text, std::size_t depth_max = kJsonDepthMax);

// The member of an object, or nothing; also nothing when `value` is no object.
const Json* member(const Json& value, std::string_view name);

}  // namespace pgward::auth
