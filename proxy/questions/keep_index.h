// `pgward audit index`.
#pragma once

#include <string>

namespace pgward::proxy {

// 0 done, or all as they must be; 1 one is not; 2 it could not be done.
int keep_index(const std::string& directory, bool check);

}  // namespace pgward::proxy
