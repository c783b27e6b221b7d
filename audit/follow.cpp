#include "audit/follow.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "audit/sha256.h"

namespace pgward::audit {

using Kind = LineReader::Kind;

std::variant<Follower, std::string> Follower::open(const std::filesystem::path& directory, std::uint64_t from) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return directory.string() + ": " + std::error_code(errno, std::generic_category()).message();
  Follower follower(directory, std::move(fd));
  if (auto wrong = follower.find(from); !wrong.empty()) return wrong;
  return follower;
}

std::string Follower::bad(std::string_view why) const {
  std::string text = (directory_ / segment_name(number_)).string();
  text += ", record ";
  text += std::to_string(next_seq_);
  text += ": ";
  text += why;
  return text;
}

// 0: it has no whole record yet, or none that can be read.
std::uint64_t Follower::first_seq_of(SegmentNumber number) const {
  LineReader reader(fd_.get(), segment_name(number));
  const auto piece = reader.next();
  if (piece.kind != Kind::whole) return 0;
  const auto parsed = parse_line(piece.text);
  return std::holds_alternative<Line>(parsed) ? std::get<Line>(parsed).seq : 0;
}

// The segment that the record is in: the last one that begins with it or with an earlier one.
std::string Follower::find(std::uint64_t from) {
  std::error_code error;
  const auto numbers = list_segments(directory_, error);
  if (error) return directory_.string() + ": " + error.message();
  if (numbers.empty()) return directory_.string() + ": there is no log here (no segment 000001.jsonl)";
  const auto behind = [&](SegmentNumber number) {
    const std::uint64_t first = first_seq_of(number);
    return first == 0 ? number != numbers.front() : first > from;
  };
  auto found = std::partition_point(numbers.begin(), numbers.end(), [&](SegmentNumber number) { return !behind(number); });
  if (found != numbers.begin()) --found;
  number_ = *found;
  const std::uint64_t first = first_seq_of(number_);
  if (first == 0 && number_ != 1) return bad("cannot be read");
  next_seq_ = first == 0 ? 1 : first;
  if (from == 0) return {};
  if (next_seq_ > from) {
    next_seq_ = from;
    std::string why = "is not there any more: the log begins with record ";
    return bad(why += std::to_string(first));
  }
  // Up to it, so that what comes is checked against the one before. It may not be written yet.
  return from == next_seq_ ? std::string() : read(from - 1, [](const Line&, std::string_view) { return true; });
}

bool Follower::exists(SegmentNumber number) const {
  struct stat status {};
  const std::string name = segment_name(number);
  return ::fstatat(fd_.get(), name.c_str(), &status, 0) == 0 || ::fstatat(fd_.get(), (name + ".gz").c_str(), &status, 0) == 0;
}

std::string Follower::check(const Line& line) const {
  if (line.seq != next_seq_) return bad("is not where it should be; pgward audit verify tells more");
  if (head_ && line.prev_hash != *head_) return bad("does not fit the one before it; pgward audit verify tells more");
  return {};
}

bool Follower::end_of_segment(const LineReader::Piece& piece, std::string& error) {
  if (piece.kind == Kind::unreadable || piece.kind == Kind::too_long) {
    error = bad(piece.kind == Kind::too_long ? "the line is longer than a record can be" : "cannot be read");
    return false;
  }
  reader_.reset();
  if (!exists(number_ + 1)) return false;
  // What was written between the look at its end and the birth of the next one must not be passed over: once more.
  if (!sealed_) return true;
  if (piece.kind != Kind::end) {
    error = bad("the line is broken, and another segment follows");
    return false;
  }
  ++number_;
  offset_ = 0;
  return true;
}

std::string Follower::read(std::uint64_t upto, const Each& each) {
  std::string error;
  while (next_seq_ <= upto) {
    if (!reader_) {
      sealed_ = exists(number_ + 1);
      reader_.emplace(fd_.get(), segment_name(number_), offset_);
    }
    const LineReader::Piece piece = reader_->next();
    if (piece.kind != Kind::whole) {
      if (end_of_segment(piece, error)) continue;
      return error;
    }
    const auto parsed = parse_line(piece.text);
    if (const auto* fault = std::get_if<LineFault>(&parsed)) return bad(audit::text_of(*fault));
    const Line& line = std::get<Line>(parsed);
    if (error = check(line); !error.empty()) return error;
    if (!each(line, piece.text)) {
      reader_->unread();
      break;
    }
    head_ = leaf_hash(piece.text);
    offset_ = piece.offset + piece.text.size() + 1;
    ++next_seq_;
  }
  // What was read ahead of one that is being written may be cut off again, and is read anew next time. Of a sealed one the
  // reader stays: to find the same place again, a compressed one would have to be unpacked from its beginning.
  if (!sealed_) reader_.reset();
  return {};
}

}  // namespace pgward::audit
