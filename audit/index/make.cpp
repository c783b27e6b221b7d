// Indexes as files: made when a segment is sealed, or when somebody finds one missing.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "audit/durable_file.h"
#include "audit/index/shelf.h"
#include "audit/line_reader.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFolder = "index";

}  // namespace

std::string index_name(SegmentNumber number) {
  std::string name = segment_name(number);
  name.resize(name.find('.'));
  return std::string(kFolder).append("/").append(name).append(".idx");
}

std::variant<BuiltIndex, std::string> build_index(int directory_fd, SegmentNumber number, bool last) {
  LineReader reader(directory_fd, segment_name(number));
  IndexBuilder builder(number);
  LineReader::Piece piece = reader.next();
  for (; piece.kind == LineReader::Kind::whole; piece = reader.next())
    if (!builder.take(piece.text, piece.offset)) return segment_name(number) + ":" + std::to_string(reader.line()) + ": is no record of a log";
  if (piece.kind == LineReader::Kind::unreadable) return segment_name(number) + ": " + reader.error().message();
  if (piece.kind != LineReader::Kind::end && !last) return segment_name(number) + ":" + std::to_string(reader.line()) + ": the line is broken";
  return builder.finish();
}

std::string store_index(const fs::path& directory, SegmentNumber number, const std::string& rendered) {
  const fs::path file = directory / index_name(number);
  if (std::string wrong = make_folder(directory / kFolder); !wrong.empty()) return wrong;
  // The running pgward and a command may be at it at the same time.
  return write_durably(file, file.string() + ".new." + std::to_string(::getpid()), rendered, Reader::owner);
}

std::variant<MadeIndex, std::string> make_index(const fs::path& directory, SegmentNumber number) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto built = build_index(fd.get(), number, false);
  if (auto* wrong = std::get_if<std::string>(&built)) return std::move(*wrong);
  std::string rendered = render(std::get<BuiltIndex>(built));
  built = BuiltIndex{};
  if (std::string wrong = store_index(directory, number, rendered); !wrong.empty()) return wrong;
  auto opened = Sidecar::open(index_in_memory(std::move(rendered)));
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  return MadeIndex{std::get<Sidecar>(opened).shape(), std::get<Sidecar>(opened).root()};
}

void remove_index(const fs::path& directory, SegmentNumber number) {
  std::error_code ignored;
  fs::remove(directory / index_name(number), ignored);
}

void sweep_indexes(const fs::path& directory, SegmentNumber first) {
  constexpr std::string_view kIndex = ".idx", kUnfinished = ".idx.new.";
  std::error_code error;
  for (fs::directory_iterator entry(directory / kFolder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view rest = std::string_view(name).substr(dot);
    const auto number = segment_number(name.substr(0, dot) + ".jsonl");
    if (!number) continue;
    bool gone = rest == kIndex && *number < first;
    if (rest.starts_with(kUnfinished)) {
      // Whoever calls this makes none at the same time; another process may.
      const pid_t maker = static_cast<pid_t>(std::strtol(name.c_str() + dot + kUnfinished.size(), nullptr, 10));
      gone = maker <= 0 || maker == ::getpid() || (::kill(maker, 0) != 0 && errno == ESRCH);
    }
    std::error_code ignored;
    if (gone) fs::remove(entry->path(), ignored);
  }
}

}  // namespace pgward::audit
