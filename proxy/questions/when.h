// Points in time as officers write them.
//
//   2026-11-22                 a day where this computer stands (TZ): its first moment, or its last for the end of a range
//   2026-11-22Z                a day of UTC
//   2026-11-22T14:30[:05]      a moment here; with Z or +02:00 behind it, there. For the end of a range the whole minute or second
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::proxy {

// Microseconds since 1970. `last`: the end of what is named, not its beginning.
std::optional<std::int64_t> when(std::string_view text, bool last);

std::string utc_text(std::int64_t time_us);  // as in the log
std::int64_t unix_now_us();

}  // namespace pgward::proxy
