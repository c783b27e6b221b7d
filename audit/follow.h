// The records of a log from a number on, while it grows: what sinks deliver and exports print. Reads sealed segments,
// compressed ones, and the one that is being written; each record is checked against the hash of the one before it.
//
//   auto opened = Follower::open(directory, 4711)    finds the segment of that record
//   follower.read(log.durable_seq(), ..)             calls back for what came since, up to that record
//
// A reader in the process of the writer must not go past Log::durable_seq(), asked before the call: what lies behind it
// may be cut off again. A reader elsewhere takes what stands there (kToTheEnd): a crash of that very moment may take the
// last records back.
//
// Costs the writer nothing: it reads the files by itself, a piece of 256 KiB at a time. For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "audit/io.h"
#include "audit/line.h"
#include "audit/line_reader.h"
#include "audit/segment_name.h"

namespace pgward::audit {

inline constexpr std::uint64_t kToTheEnd = std::numeric_limits<std::uint64_t>::max();

class Follower {
 public:
  // `from`: number of the first record wanted; 0: the oldest that is there. A record that is not written yet is waited
  // for. The text says why not, also that a record was purged.
  static std::variant<Follower, std::string> open(const std::filesystem::path& directory, std::uint64_t from);

  // Calls `each` for the next records up to number `upto`, oldest first, until it answers false or there is none yet. A
  // record for which it answers false comes again. `text` and the views of `line` are good during the call. Why it cannot
  // go on, or empty; nothing comes after an error.
  using Each = std::function<bool(const Line& line, std::string_view text)>;
  std::string read(std::uint64_t upto, const Each& each);

  std::uint64_t next_seq() const { return next_seq_; }  // of the record that comes next

 private:
  Follower(std::filesystem::path directory, Fd fd) : directory_(std::move(directory)), fd_(std::move(fd)) {}
  std::string find(std::uint64_t from);
  std::uint64_t first_seq_of(SegmentNumber number) const;
  bool exists(SegmentNumber number) const;
  std::string bad(std::string_view why) const;
  // Empty: it fits.
  std::string check(const Line& line) const;
  // At the end of what a segment holds. True: there is more to read.
  bool end_of_segment(const LineReader::Piece& piece, std::string& error);

  std::filesystem::path directory_;
  Fd fd_;
  SegmentNumber number_ = 0;
  std::uint64_t offset_ = 0;  // of the next line in its file
  std::uint64_t next_seq_ = 0;
  std::optional<Hash> head_;  // of the line before it
  std::optional<LineReader> reader_;
  bool sealed_ = false;       // another segment was there before reader_ was opened: nothing that it reads will change
};

}  // namespace pgward::audit
