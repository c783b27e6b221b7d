// Two neighbours do not fit: which record is the first that cannot be right, and what was done to it?
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "audit/record_stream.h"

namespace pgward::audit {

// True when `next` may stand behind `record`.
bool follows(const Record& next, const Record& record);

struct Verdict {
  std::size_t good = 0;         // how many of `before` are left standing, from its front
  const Record* bad = nullptr;  // nothing: one of `before`, the one at index `good`
  std::uint64_t seq = 0;        // the number the bad record should have
  std::string reason;
};

// `before`: the last good records in order, at least one (a log begins with a Record{}).
// `odd` is the one that does not follow the last of them. The rest of the stream is used up.
Verdict judge(const std::deque<Record>& before, const Record& odd, RecordStream& rest);

}  // namespace pgward::audit
