// All records of a range in their order, complete: for what no index answers.
#pragma once

#include <functional>

#include "proxy/questions/ask.h"

namespace pgward::proxy {

// Until `take` answers false. Throws std::runtime_error where the log cannot be read on.
void each_record(Question& question, const std::function<bool(const audit::CompleteEvent&)>& take);

}  // namespace pgward::proxy
