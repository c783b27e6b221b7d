// `pgward check`: everything that is wrong with configuration, policy and database, at once.
#pragma once

#include <string>

namespace pgward::proxy {

struct CheckOptions {
  std::string config = {};    // either this
  std::string policy = {};    // or this and `upstream`; without a policy, what needs none is checked
  std::string upstream = {};  // conninfo
  bool offline = false;  // the database is not asked
  bool strict = false;   // warnings count as errors
  bool json = false;
};

// The exit status: 0 fine (warnings allowed unless strict), 1 errors, 2 something could not be checked.
int check(const CheckOptions& options);

}  // namespace pgward::proxy
