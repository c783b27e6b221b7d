// Reads a segment anywhere, also a compressed one: pgward compresses in chunks that can each be read alone, and says in the gzip header
// where they begin (docs/audit-format.md). A gzip file without that is read from its beginning.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/io.h"
#include "audit/segment_name.h"

namespace pgward::audit {

class SegmentText {
 public:
  // Nothing: not there, or not to be read.
  static std::optional<SegmentText> open(int directory_fd, SegmentNumber number);

  // Whether it holds so many bytes of lines. Of a compressed one the low 32 bits are known.
  bool holds(std::uint64_t bytes) const;
  std::uint64_t file_bytes() const { return file_bytes_; }
  bool compressed() const { return gzip_; }
  // The line that begins `skip` lines behind the one at `offset`, without its newline; nothing: there is none, or it is damaged.
  std::optional<std::string> line(std::uint64_t offset, std::uint64_t skip);
  std::optional<std::string> first_line();  // reads no more of it than that

 private:
  SegmentText() = default;
  void read_gzip_header();
  std::optional<std::string> line(std::uint64_t offset, std::uint64_t skip, std::size_t piece_bytes);
  // At least one byte from there on, at most `most`; empty: the end, or damaged.
  std::string_view bytes_at(std::uint64_t offset, std::size_t most);
  bool inflate_from(std::uint64_t offset, std::size_t most);

  Fd fd_;
  bool gzip_ = false;
  std::uint64_t file_bytes_ = 0;
  std::uint32_t plain_bytes_ = 0;               // of a compressed one, as its end says
  std::uint64_t chunk_bytes_ = 0;               // of plain text; 0: not known
  std::vector<std::uint64_t> chunks_;           // where each begins in the file
  std::uint64_t window_offset_ = 0;             // of what was read last
  std::string window_;
};

// The part of a gzip header (RFC 1952, 2.3.1.1) that says how the segment was cut: `chunk_bytes` of text each, and the sizes of what
// they became. Subfield "PW".
std::string gzip_header(std::uint32_t chunk_bytes, const std::vector<std::uint32_t>& chunks);
// As large as a header can hold them.
std::uint32_t chunk_bytes_for(std::uint64_t segment_bytes);

}  // namespace pgward::audit
