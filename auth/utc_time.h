// Points in time as people write them: RFC 3339 in UTC, whole seconds, always 20 characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.h"

namespace pgward::auth {

std::string utc_text(UnixTime time);                       // 2026-11-22T13:00:00Z
std::optional<UnixTime> utc_time(std::string_view text);   // nothing for any other form, and for 31 February

}  // namespace pgward::auth
