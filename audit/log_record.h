// Records that the log writes about itself, as members for the chain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pgward::audit {

// First record of each segment but the first: ties it to the one before by name and by head.
std::string log_rotate(std::string_view file, std::string_view previous_file, std::string_view head);
// Each start.
std::string log_open();
// A torn end was cut off at start: so many bytes from the end of `file`.
std::string log_recover(std::string_view file, std::uint64_t cut_bytes);
// The log could not be written for about `seconds`; `lost` records were refused to their callers meanwhile.
std::string log_degraded(std::string_view step, int error_number, std::uint64_t seconds, std::uint64_t lost);

}  // namespace pgward::audit
