// Reads a segment line by line, with bounded memory whatever the file holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "audit/gunzip.h"
#include "audit/io.h"

namespace pgward::audit {

class LineReader {
 public:
  enum class Kind {
    whole,     // a line; the text is without its newline
    nul,       // a zero byte came before the newline: torn, or the zero bytes behind the last record
    cut_off,   // the file ended before the newline
    too_long,  // no newline within kLineBytesMax
    end,       // the file ended behind a newline, or is empty
    unreadable
  };
  struct Piece {
    Kind kind = Kind::end;
    std::string_view text;     // good until the next call
    std::uint64_t offset = 0;  // where it begins in the file
  };

  // A sealed segment may be there as NAME.gz only. Not a regular file, or not to be opened: unreadable at the first next().
  // `offset`: where to begin, at the front of a line; line() counts from there.
  LineReader(int directory_fd, const std::string& name, std::uint64_t offset = 0);
  // Nothing useful comes after a piece that is not whole.
  Piece next();
  // The line that came last, a whole one, comes again. Once.
  void unread();
  std::uint64_t offset() const { return piece_offset_; }  // where it begins
  std::uint64_t line() const { return line_; }  // of the piece that came last, from 1
  // End of the last byte that is not zero, from the last piece to the end of the file; nothing: unreadable.
  std::optional<std::uint64_t> data_end();
  std::error_code error() const { return error_; }

  int fd() const { return fd_.get(); }

 private:
  void skip(std::uint64_t bytes);
  bool fill();  // more bytes into the buffer; false: end of file or error

  Fd fd_;
  std::unique_ptr<Gunzip> unzipped_;  // of a compressed one
  std::error_code error_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // unread bytes of the buffer
  std::uint64_t offset_ = 0;         // of buffer_[begin_] in the file
  std::uint64_t line_ = 0, piece_offset_ = 0;
};

}  // namespace pgward::audit
