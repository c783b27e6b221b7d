// A sealed segment as gzip (RFC 1952): what everybody can read, also Python's standard library.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "audit/io.h"
#include "audit/retention.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kPieceBytes = 256u << 10;
constexpr int kLevel = 6;

struct Close {
  void operator()(gzFile file) const { static_cast<void>(gzclose(file)); }
};
using Zipped = std::unique_ptr<gzFile_s, Close>;

// A whole piece, or the end of the file. Negative: an error.
template <class Read>
ssize_t fill(std::string& piece, Read read) {
  std::size_t size = 0;
  while (size < piece.size()) {
    const ssize_t n = read(piece.data() + size, piece.size() - size);
    if (n < 0) return -1;
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(size);
}

ssize_t fill(std::string& piece, int fd) {
  return fill(piece, [&](char* at, std::size_t size) { return ::read(fd, at, size); });
}

bool write_zipped(int from, int to) {
  const Zipped out(gzdopen(::dup(to), ("wb" + std::to_string(kLevel)).c_str()));
  std::string piece(kPieceBytes, '\0');
  ssize_t size = -1;
  while (out && (size = fill(piece, from)) > 0)
    if (gzwrite(out.get(), piece.data(), static_cast<unsigned>(size)) != size) return false;
  return size == 0 && gzflush(out.get(), Z_FINISH) == Z_OK;
}

// Byte for byte what the original holds.
bool same(int original, int zipped) {
  if (::lseek(original, 0, SEEK_SET) != 0 || ::lseek(zipped, 0, SEEK_SET) != 0) return false;
  const Zipped in(gzdopen(::dup(zipped), "rb"));
  std::string a(kPieceBytes, '\0'), b(kPieceBytes, '\0');
  for (ssize_t size = 1; in && size > 0;) {
    size = fill(a, original);
    if (size < 0 || fill(b, [&](char* at, std::size_t n) { return static_cast<ssize_t>(gzread(in.get(), at, static_cast<unsigned>(n))); }) != size) return false;
    if (!std::equal(a.begin(), a.begin() + size, b.begin())) return false;
    if (size == 0) return true;
  }
  return false;
}

}  // namespace

std::vector<SegmentNumber> uncompressed(const std::filesystem::path& log) {
  std::error_code error;
  auto numbers = list_segments(log, error);
  if (!numbers.empty()) numbers.pop_back();  // that is being written
  std::erase_if(numbers, [&](SegmentNumber number) { return !std::filesystem::exists(log / segment_name(number), error); });
  return numbers;
}

std::string compress_segment(const std::filesystem::path& log, SegmentNumber number) {
  const auto original = log / segment_name(number);
  const std::filesystem::path zipped = original.string() + ".gz", fresh = zipped.string() + ".new";
  const auto failed = [&](std::string_view step) { return zipped.string() + ": " + IoError{step, errno}.text(); };
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return failed("remove");
  const Fd in(::open(original.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  const Fd out(::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!in || !out) return failed("open");
  if (!write_zipped(in.get(), out.get()) || ::fsync(out.get()) != 0) return failed("compress");
  if (!same(in.get(), out.get())) return zipped.string() + ": does not give back what was compressed";
  if (::rename(fresh.c_str(), zipped.c_str()) != 0) return failed("rename");
  const Fd directory(::open(log.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return failed("sync directory");
  if (::unlink(original.c_str()) != 0 || ::fsync(directory.get()) != 0) return failed("remove the original");
  return {};
}

}  // namespace pgward::audit
