// The indexes of all segments of a log, and its lines by their numbers.
//
//   IndexShelf::open(directory)       what stands there now; later records are not seen
//   find(kind, key, range, hits)      the records that may be meant, oldest first: exact to the second
//   line(seq)                         a record
//   build_index(), store_index()      for the keeper, `pgward audit index` and whoever finds one missing
//
// An index that does not fit its segment (its size, the hash of its last record, the version of the format, its own checksums) is
// made anew from the lines and never believed. The last segment has none while it is written: it is indexed in memory.
// One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "audit/index/segment_text.h"
#include "audit/index/sidecar.h"

namespace pgward::audit {

// The text says why not. `last`: what stands behind its whole lines is no mistake.
std::variant<BuiltIndex, std::string> build_index(int directory_fd, SegmentNumber number, bool last);
std::string index_name(SegmentNumber number);  // within the directory of the log: "index/000001.idx"
// Durable on return. Why not, or empty.
std::string store_index(const std::filesystem::path& directory, SegmentNumber number, const std::string& rendered);
// Sealed segments without an index that fits.
std::vector<SegmentNumber> not_indexed(const std::filesystem::path& directory);
struct MadeIndex {
  SegmentShape shape;
  Hash root{};
};
// Builds and stores.
std::variant<MadeIndex, std::string> make_index(const std::filesystem::path& directory, SegmentNumber number);
void remove_index(const std::filesystem::path& directory, SegmentNumber number);
// Removes those of segments before `first`, which are gone (somebody may have made one while it went), and what was never finished.
void sweep_indexes(const std::filesystem::path& directory, SegmentNumber first);

struct TimeRange {
  std::int64_t from_us = std::numeric_limits<std::int64_t>::min(), to_us = std::numeric_limits<std::int64_t>::max();
  bool has(std::int64_t time_us) const { return time_us >= from_us && time_us <= to_us; }
};

struct IndexHit {
  std::uint64_t seq = 0;
  std::uint32_t more = 0;  // of the entry
};

class IndexShelf {
 public:
  struct Config {
    bool store = true;                            // indexes that have to be made; where that fails, it does without
    std::uint64_t memory_bytes_max = 512u << 20;  // of indexes that are not in files
    std::function<void(const std::string&)> tell = [](const std::string&) {};
  };
  struct State {
    SegmentShape shape;
    Hash root{};
    bool sealed = false, stored = false;
  };

  static std::variant<IndexShelf, std::string> open(std::filesystem::path directory, Config config);

  // Why the answer is not complete, or empty. For session and told, whose entries know no time, only whole segments are left out.
  std::string find(IndexKind kind, const IndexKey& key, const TimeRange& range, std::vector<IndexHit>& hits);
  // Of segments that begin at or before that record, the last first, until `each` answers false.
  std::string find_backwards(IndexKind kind, const IndexKey& key, std::uint64_t seq, const std::function<bool(const std::vector<IndexHit>&)>& each);
  // Of segments that begin behind that record and not behind `through`, the first first, until `each` answers false.
  std::string find_forwards(IndexKind kind, const IndexKey& key, std::uint64_t seq, std::uint64_t through, const std::function<bool(const std::vector<IndexHit>&)>& each);
  // All entries of a kind, segment by segment.
  std::string each(IndexKind kind, const TimeRange& range, const std::function<bool(const IndexEntry&, std::uint64_t seq)>& take);
  std::optional<std::string> line(std::uint64_t seq);
  std::variant<std::vector<std::string>, std::string> set_tables();
  std::variant<std::vector<State>, std::string> states();

  std::uint64_t first_seq() const { return first_seq_; }
  std::uint64_t last_seq() const { return last_seq_; }  // at open(); 0: there is no record
  // The last record of the segment that holds this one; 0: it is not there.
  std::uint64_t last_beside(std::uint64_t seq) const;

 private:
  struct Part {
    SegmentNumber number = 0;
    bool sealed = false, stored = false, known = false;
    SegmentShape shape;
    Hash root{};
    std::optional<Sidecar> sidecar;
    std::optional<SegmentText> text;
  };

  IndexShelf(std::filesystem::path directory, Fd fd, Config config) : directory_(std::move(directory)), fd_(std::move(fd)), config_(std::move(config)) {}
  std::string load(std::size_t n);
  std::string build(std::size_t n);
  bool from_file(Part& part, std::size_t n);
  std::optional<std::size_t> part_of(std::uint64_t seq) const;
  void keep_few_open(std::size_t n);
  std::string hits_of(Part& part, IndexKind kind, const IndexKey& key, const TimeRange& range, std::vector<IndexHit>& hits);
  std::string damaged(const Part& part) const;

  std::filesystem::path directory_;
  Fd fd_;
  Config config_;
  std::vector<Part> parts_;
  std::deque<std::size_t> open_;  // those with a file, the oldest first
  std::uint64_t in_memory_ = 0, first_seq_ = 0, last_seq_ = 0;
};

}  // namespace pgward::audit
