// Reads the lines of a segment, and answers with its index. A pure function of the lines: whoever builds it again gets the same bytes.
//
//   IndexBuilder builder(number);
//   builder.take(line, offset)   each whole line, in order; false: it is no record of a log
//   builder.finish()             once
//
// Memory: 24 bytes for each entry, which is less than the lines themselves.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/index/entry.h"
#include "audit/line.h"

namespace pgward::audit {

// Where every so many bytes a line begins.
struct IndexSeek {
  std::uint64_t row = 0, offset = 0;
  bool operator==(const IndexSeek&) const = default;
};
inline constexpr std::uint64_t kSeekBytes = 32u << 10;

struct BuiltIndex {
  SegmentShape shape;
  std::array<std::vector<IndexEntry>, kIndexKinds> entries;  // sorted, no entry twice
  std::vector<IndexSeek> seeks;
  std::set<std::string> set_tables;  // tables with entries of IndexKind::set
};

class IndexBuilder {
 public:
  explicit IndexBuilder(SegmentNumber number) { built_.shape.number = number; }
  bool take(std::string_view text, std::uint64_t offset);
  BuiltIndex finish();

 private:
  void add(IndexKind kind, const IndexKey& key, std::uint32_t more) { built_.entries[static_cast<std::size_t>(kind)].push_back({key, row_, more}); }
  void statement_record(const Line& line);
  void other_record(const Line& line);
  void told(std::string_view members, std::string_view session, std::uint32_t statement);
  void touched(std::string_view members);
  void changed(std::string_view members);

  BuiltIndex built_;
  std::uint32_t row_ = 0, seconds_ = 0;
  std::string last_line_;
};

}  // namespace pgward::audit
