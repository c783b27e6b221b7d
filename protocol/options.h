// The `options` start-up parameter, taken apart as the server does (pg_split_opts, then getopt and
// ParseLongOption in process_postgres_switches).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/error.h"

namespace pgward::protocol {

// `-c name=value`, `-cname=value` and `--name=value` give settings, in order (of several the last wins);
// `-` in a name is `_` to the server and so it is here. Names keep their case, which the server
// ignores. Every other switch, and every word that is none, is bad_value: some of them (-d, -f, -t, -W ...)
// set things that no policy here knows of.
//
// Parameters of the StartupMessage itself are applied after these and win.
Result<std::vector<std::pair<std::string, std::string>>> split_options(std::string_view options);

}  // namespace pgward::protocol
