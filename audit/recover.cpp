#include "audit/recover.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "audit/limits.h"
#include "audit/line.h"
#include "audit/line_reader.h"
#include "audit/log_record.h"
#include "audit/retention.h"

namespace pgward::audit {
namespace {

using Kind = LineReader::Kind;

class Scan {
 public:
  Scan(const Directory& directory, SegmentNumber number, bool last)
      : path_(directory.path() / segment_name(number)),
        number_(number),
        last_(last),
        reader_(directory.fd(), segment_name(number)) {}

  // Empty text: `end` holds what was found.
  std::string run(LogEnd& end) {
    if (last_ && reader_.fd() >= 0) {
      // After a failed sync the page cache may show bytes that never reached the disk. Write what can be
      // written, forget the rest, and believe only what the disk gives back.
      if (::fdatasync(reader_.fd()) != 0) return at("cannot be synced");
      (void)::posix_fadvise(reader_.fd(), 0, 0, POSIX_FADV_DONTNEED);
    }
    LineReader::Piece piece = reader_.next();
    for (; piece.kind == Kind::whole; piece = reader_.next())
      if (auto wrong = follow(piece.text, end); !wrong.empty()) return wrong;
    end.segment = number_;
    end.end = piece.offset;
    // The chain vouches for every line but the last: nothing may be built on one that is not even JSON.
    if (!last_text_.empty() && std::holds_alternative<LineFault>(parse_whole_line(last_text_)))
      return at(text_of(LineFault::json));
    return ending(piece, end);
  }

 private:
  std::string at(std::string_view reason) const {
    return path_.string() + ":" + std::to_string(reader_.line()) + ": " + std::string(reason);
  }

  std::string follow(std::string_view text, LogEnd& end) {
    const auto parsed = parse_line(text);
    if (const auto* fault = std::get_if<LineFault>(&parsed)) return at(text_of(*fault));
    const Line& line = std::get<Line>(parsed);
    if (reader_.line() == 1) {
      if (auto wrong = first_line(line, end); !wrong.empty()) return wrong;
    } else if (line.seq != end.chain.next_seq) {
      return at("the sequence number does not follow the line before");
    } else if (line.prev != end.chain.head) {
      return at("the hash of the line before does not fit");
    }
    if (end.chain.log != line.log) end.chain.log = line.log;
    if (!line.type.starts_with("log.")) end.only_own = false;
    if (line.type == "log.checkpoint")
      if (auto wrong = checkpoint(line, end); !wrong.empty()) return wrong;
    end.start = line.start;
    end.chain.next_seq = line.seq + 1;
    const Hash leaf = leaf_hash(text);
    hex_of(leaf, end.chain.head);
    end.chain.fresh.append(leaf);
    last_text_ = text;
    return {};
  }

  std::string checkpoint(const Line& line, LogEnd& end) const {
    auto made = checkpoint_of(line.members);
    if (!made) return at("is not a checkpoint");
    const MerkleRange tree = end.chain.tree();
    if (made->checkpoint.size != tree.end() || made->checkpoint.root != tree.root())
      return at("this checkpoint is not of the records before it");
    end.checkpoint = std::move(made);
    end.chain.checkpoint_made();
    return {};
  }

  // What stands before this segment is verify()'s to check: here the first line is taken at its word.
  std::string first_line(const Line& line, LogEnd& end) const {
    if (number_ == 1) return line.seq == 1 && line.prev == kNoHash ? "" : at("the log does not begin here");
    const auto tree = tree_of_rotate(line, segment_name(number_), segment_name(number_ - 1));
    if (!tree) return at("a segment must begin with a log.rotate record that names the one before");
    end.chain.told = *tree;
    end.chain.fresh = MerkleRange(tree->end());
    return {};
  }

  std::string ending(const LineReader::Piece& piece, LogEnd& end) {
    if (piece.kind == Kind::unreadable) return path_.string() + ": " + reader_.error().message();
    if (piece.kind == Kind::end) return {};
    if (piece.kind == Kind::too_long) return at("the line is too long");
    if (!last_) return at("the line is cut off, and another segment follows");
    const auto data_end = reader_.data_end();
    if (!data_end) return path_.string() + ": " + reader_.error().message();
    end.cut_bytes = *data_end - piece.offset;
    return end.cut_bytes <= kGroupBytesMax ? "" : at("more is broken here than a crash can leave");
  }

  std::filesystem::path path_;
  SegmentNumber number_;
  bool last_;
  LineReader reader_;
  std::string last_text_;
};

std::string missing(const Directory& directory, SegmentNumber number) {
  return (directory.path() / segment_name(number)).string() + ": this segment of the log is missing";
}

// Where the chain ends, from the last segment on.
std::variant<LogEnd, std::string> find_chain(const Directory& directory, SegmentNumber last) {
  LogEnd end;
  if (auto wrong = Scan(directory, last, true).run(end); !wrong.empty()) return wrong;
  if (!end.chain.log.empty() || last == 1) return end;

  // A segment was begun, but no record of it became whole: the chain ends in the one before.
  LogEnd before;
  if (auto wrong = Scan(directory, last - 1, false).run(before); !wrong.empty()) return wrong;
  if (before.chain.log.empty()) return missing(directory, last - 1);
  before.segment = end.segment;
  before.end = end.end;
  before.cut_bytes = end.cut_bytes;
  return before;
}

}  // namespace

std::variant<LogEnd, std::string> find_end(const Directory& directory, bool with_checkpoint) {
  std::error_code error;
  const auto segments = list_segments(directory.path(), error);
  if (error) return directory.path().string() + ": " + error.message();
  LogEnd end;
  if (segments.empty()) return end;
  if (segments.front() > 1) {
    const auto purged = last_purge(directory.path());
    if (!purged || purged->through + 1 < segments.front()) return missing(directory, 1);
  }
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (segments[i] != segments.front() + i) return missing(directory, static_cast<SegmentNumber>(segments.front() + i));

  auto found = find_chain(directory, segments.back());
  if (auto* wrong = std::get_if<std::string>(&found)) return std::move(*wrong);
  end = std::get<LogEnd>(std::move(found));
  // Mostly the last segment holds one. The first holds the first.
  for (SegmentNumber before = segments.back(); with_checkpoint && !end.checkpoint && before-- > segments.front();) {
    LogEnd older;
    if (auto wrong = Scan(directory, before, false).run(older); !wrong.empty()) return wrong;
    end.checkpoint = std::move(older.checkpoint);
    end.only_own = end.only_own && older.only_own;
  }
  return end;
}

}  // namespace pgward::audit
