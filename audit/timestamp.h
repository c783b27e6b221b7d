// Points in time as the trail writes them: RFC 3339, UTC, six digits of a second, always 27 characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::audit {

inline constexpr std::size_t kTimestampChars = 27;  // 2026-11-22T04:45:00.123456Z

// Microseconds since 1970 UTC. What lies outside the years 1970 to 9999 becomes the nearest that does not.
void append_timestamp(std::string& out, std::int64_t now_us);

// Of what is_timestamp(); else nothing.
std::optional<std::int64_t> timestamp_us(std::string_view text);
bool is_timestamp(std::string_view text);  // the form and the ranges, days of the month included

}  // namespace pgward::audit
