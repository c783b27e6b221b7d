#include "audit/read.h"

#include <fcntl.h>

#include <algorithm>
#include <deque>
#include <span>

#include "audit/io.h"
#include "audit/line_reader.h"
#include "audit/segment_name.h"

namespace pgward::audit {
namespace {

struct Segments {
  Fd directory;
  std::vector<SegmentNumber> numbers;
  SegmentNumber last = 0;
  std::string error;
};

Segments open_segments(const std::filesystem::path& directory) {
  Segments segments;
  std::error_code error;
  segments.numbers = list_segments(directory, error);
  segments.directory = Fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!error && !segments.directory) error = std::make_error_code(std::errc::io_error);
  if (error)
    segments.error = directory.string() + ": " + error.message();
  else if (segments.numbers.empty())
    segments.error = directory.string() + ": there is no log here (no segment 000001.jsonl)";
  else
    segments.last = segments.numbers.back();
  return segments;
}

// True: go on with the next segment. Otherwise `error`, when it is not empty, says why not.
bool read_segment(const Segments& segments, const std::filesystem::path& directory, SegmentNumber number,
                  const std::function<bool(const StoredLine&)>& each, std::string& error) {
  const std::filesystem::path file = directory / segment_name(number);
  LineReader reader(segments.directory.get(), segment_name(number));
  LineReader::Piece piece = reader.next();
  for (; piece.kind == LineReader::Kind::whole; piece = reader.next())
    if (!each({file, reader.line(), piece.text})) return false;
  if (piece.kind == LineReader::Kind::unreadable)
    error = file.string() + ": " + reader.error().message();
  else if (piece.kind != LineReader::Kind::end && number != segments.last)
    error = file.string() + ":" + std::to_string(reader.line()) + ": the line is broken";
  return error.empty();
}

}  // namespace

std::string for_each_line(const std::filesystem::path& directory,
                          const std::function<bool(const StoredLine&)>& each) {
  Segments segments = open_segments(directory);
  for (const SegmentNumber number : segments.numbers)
    if (!read_segment(segments, directory, number, each, segments.error)) break;
  return segments.error;
}

LastLines last_lines(const std::filesystem::path& directory, std::size_t count) {
  Segments segments = open_segments(directory);
  std::deque<std::string> found;
  while (segments.error.empty() && !segments.numbers.empty() && found.size() < count) {
    std::deque<std::string> here;
    const auto keep = [&](const StoredLine& line) {
      here.emplace_back(line.text);
      if (here.size() > count - found.size()) here.pop_front();
      return true;
    };
    read_segment(segments, directory, segments.numbers.back(), keep, segments.error);
    found.insert(found.begin(), here.begin(), here.end());
    segments.numbers.pop_back();
  }
  return {{found.begin(), found.end()}, std::move(segments.error)};
}

}  // namespace pgward::audit
