// The records of a log one after another, across its segments, each checked by itself: form, JSON, its
// place in the segment. Whether they fit together is for the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/io.h"
#include "audit/line.h"
#include "audit/line_reader.h"
#include "audit/segment_name.h"
#include "audit/verify.h"

namespace pgward::audit {

struct Record {
  SegmentNumber segment = 0;
  std::uint64_t line = 0;
  std::uint64_t seq = 0;
  std::uint64_t offset = 0;  // in its file
  Hash prev{}, hash{};
};

class RecordStream {
 public:
  struct End {};
  // `seq` of the BadRecord is left to the caller. Nothing comes after it.
  using Item = std::variant<Record, BadRecord, End>;

  explicit RecordStream(const std::filesystem::path& directory);
  const std::string& error() const { return error_; }  // not empty: there is nothing to read
  Item next();
  // Of the record that came last, until the next call.
  const Line& line() const { return line_; }
  // The next record, when it is well-formed.
  std::optional<Record> next_good();
  std::uint64_t offset() const { return offset_; }  // where the last segment that was read ends
  std::uint64_t segments_read() const { return segments_read_; }
  std::filesystem::path path(SegmentNumber number) const { return directory_ / segment_name(number); }

 private:
  Item read_line(const LineReader::Piece& piece);
  std::optional<BadRecord> ending(const LineReader::Piece& piece);  // nothing: a good end of a segment
  BadRecord bad(std::string_view reason) const;
  bool last_segment() const { return segments_read_ == numbers_.size(); }

  std::filesystem::path directory_;
  Fd fd_;
  std::string error_;
  std::vector<SegmentNumber> numbers_;
  std::uint64_t segments_read_ = 0;
  SegmentNumber number_ = 0;  // that is being read
  std::optional<LineReader> reader_;
  Line line_;
  std::uint64_t offset_ = 0;
  bool over_ = false;
};

}  // namespace pgward::audit
