#include "audit/record_stream.h"

#include <fcntl.h>

#include <cerrno>

#include "audit/log_record.h"
#include "audit/sha256.h"

namespace pgward::audit {

using Kind = LineReader::Kind;

RecordStream::RecordStream(const std::filesystem::path& directory)
    : directory_(directory), fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  std::error_code error(fd_ ? 0 : errno, std::generic_category());
  if (!error) numbers_ = list_segments(directory, error);
  if (error)
    error_ = directory.string() + ": " + error.message();
  else if (numbers_.empty())
    error_ = directory.string() + ": there is no log here (no segment 000001.jsonl)";
  else
    number_ = numbers_.front() - 1;  // what is missing before it was purged, or that is for the caller to find
}

BadRecord RecordStream::bad(std::string_view reason) const {
  return {path(number_), reader_ ? reader_->line() : 1, reader_ ? reader_->offset() : 0, 0, std::string(reason)};
}

RecordStream::Item RecordStream::next() {
  while (!over_) {
    if (!reader_) {
      if (last_segment()) break;
      const SegmentNumber found = numbers_[segments_read_];
      if (found != ++number_) {
        over_ = true;
        return bad("this segment is missing");
      }
      ++segments_read_;
      reader_.emplace(fd_.get(), segment_name(number_));
    }
    const LineReader::Piece piece = reader_->next();
    if (piece.kind == Kind::whole) return read_line(piece);
    if (auto wrong = ending(piece)) {
      over_ = true;
      return *std::move(wrong);
    }
    offset_ = piece.offset;
    reader_.reset();
  }
  over_ = true;
  return End{};
}

RecordStream::Item RecordStream::read_line(const LineReader::Piece& piece) {
  const auto wrong = [this](std::string_view reason) {
    over_ = true;
    return bad(reason);
  };
  const auto parsed = parse_whole_line(piece.text);
  if (const auto* fault = std::get_if<LineFault>(&parsed)) return wrong(text_of(*fault));
  const Line& line = line_ = std::get<Line>(parsed);
  const bool begins_segment = number_ > 1 && reader_->line() == 1;
  if (begins_segment != (line.type == "log.rotate"))
    return wrong(begins_segment ? "a segment must begin with a log.rotate record"
                                : "a log.rotate record within a segment");
  if (begins_segment && !tree_of_rotate(line, segment_name(number_), segment_name(number_ - 1)))
    return wrong("the log.rotate record does not name this segment, the one before and its head");
  return Record{number_, reader_->line(), line.seq, piece.offset, line.prev_hash, leaf_hash(piece.text)};
}

std::optional<BadRecord> RecordStream::ending(const LineReader::Piece& piece) {
  switch (piece.kind) {
    case Kind::unreadable:
      return bad("cannot be read: " + reader_->error().message());
    case Kind::too_long:
      return bad("the line is longer than a record can be");
    case Kind::end:
      if (last_segment() || reader_->line() > 0) return std::nullopt;
      return BadRecord{path(number_), 1, 0, 0, "the segment is empty, and another one follows"};
    default:
      break;
  }
  if (!last_segment()) return bad("the line is cut off or holds zero bytes, and another segment follows");
  // A file that is being written, or was when its process ended, has zero bytes behind its records.
  const auto data_end = reader_->data_end();
  if (!data_end) return bad("cannot be read: " + reader_->error().message());
  if (piece.kind == Kind::nul && *data_end == piece.offset) return std::nullopt;
  return bad(piece.kind == Kind::nul
                 ? "zero bytes stand where a record should be"
                 : "the last line has no end: torn by a crash (the next start cuts it off), or cut");
}

std::optional<Record> RecordStream::next_good() {
  Item item = next();
  if (auto* record = std::get_if<Record>(&item)) return std::move(*record);
  return std::nullopt;
}

}  // namespace pgward::audit
