// Emergency access that nobody has signed off yet: the segments that tell of it are not purged, whatever their age.
//
//   UnsignedOpenings openings(log);
//   openings.in(7)      whether segment 7 has an opening that no record signs off, in it or in a later segment
//
// What a sealed segment holds is remembered: looked through once. What cannot be read counts as having one.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "audit/segment_name.h"

namespace pgward::audit {

class UnsignedOpenings {
 public:
  explicit UnsignedOpenings(std::filesystem::path log) : log_(std::move(log)) {}
  bool in(SegmentNumber number);

 private:
  struct Seen {
    std::vector<std::string> opened, signed_off;  // ids
    bool readable = true;
  };
  Seen look(SegmentNumber number, bool being_written) const;

  const std::filesystem::path log_;
  std::map<SegmentNumber, Seen> sealed_;
};

}  // namespace pgward::audit
