// `pgward check`: everything that is wrong with configuration, policy and database, at once.
#pragma once

#include <string>

namespace pgward::proxy {

// The exit status: 0 fine (warnings allowed), 1 mistakes. With `offline` the database is not asked.
int check(const std::string& config_file, bool offline);

}  // namespace pgward::proxy
