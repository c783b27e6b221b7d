// Cuts what arrives into lines, with bounded memory: of a line longer than the filter reads only that much
// is kept, the rest is counted.
//
// feed() what was read, then next() until it answers false. At the end of the input, last().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pgward::proxy {

class LineReader {
 public:
  struct Line {
    std::string_view text;                        // without its line break; good until the next call
    std::size_t rest_bytes = 0, rest_quotes = 0;  // what of it is not in `text`
  };

  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  void feed(std::string_view bytes) { fresh_ = bytes; }
  // The next whole line; false when more bytes are due.
  bool next(Line& line);
  // What stands behind the last line break; false when there is nothing.
  bool last(Line& line);

 private:
  void keep(std::string_view part);

  std::size_t line_bytes_max_;
  std::string_view fresh_;
  std::string held_;  // the begin of a line that goes on in what comes
  std::size_t rest_bytes_ = 0, rest_quotes_ = 0;
  bool given_ = false;  // held_ was given out: to be forgotten
};

}  // namespace pgward::proxy
