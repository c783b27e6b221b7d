// Runs a log through the filter: standard input, or a file that grows and is rotated, to standard output.
#pragma once

#include <string>

#include "rules/log/log_filter.h"

namespace pgward::proxy {

// The exit status: 0 at the end of the input, on SIGTERM and SIGINT, and when nobody reads any more; 2 when
// something cannot be read or written.
int scrub_input(rules::LogFilter& filter, int input, int output);

// As `tail -F`: from the begin of the file, on as it grows, from the begin again when it was truncated, and
// on with the new one when it was rotated. Ends only by a signal.
int scrub_follow(rules::LogFilter& filter, const std::string& file, bool only_new, int output);

}  // namespace pgward::proxy
