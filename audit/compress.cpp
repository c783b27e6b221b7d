// A sealed segment as gzip (RFC 1952): what everybody can read, also Python's standard library.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "audit/index/segment_text.h"
#include "audit/index/sidecar_layout.h"
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

// One chunk of text behind the other, each compressed so that it can be read alone; `zipped` takes its size.
class Deflater {
 public:
  explicit Deflater(int to) : to_(to), works_(deflateInit2(&stream_, kLevel, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK) {}
  ~Deflater() {
    if (works_) deflateEnd(&stream_);
  }
  bool chunk(std::string_view text, bool last, std::uint32_t& zipped) {
    zipped = 0;
    if (!works_) return false;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<unsigned>(text.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<unsigned>(out_.size());
      if (deflate(&stream_, last ? Z_FINISH : Z_FULL_FLUSH) == Z_STREAM_ERROR) return false;
      const std::string_view made(out_.data(), out_.size() - stream_.avail_out);
      if (!write_all(to_, made)) return false;
      zipped += static_cast<std::uint32_t>(made.size());
    } while (stream_.avail_out == 0);
    crc_ = ::crc32(crc_, reinterpret_cast<const Bytef*>(text.data()), static_cast<unsigned>(text.size()));
    return true;
  }
  std::uint32_t crc() const { return static_cast<std::uint32_t>(crc_); }

  static bool write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(to, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

 private:
  int to_;
  z_stream stream_{};
  bool works_;
  uLong crc_ = 0;
  std::string out_ = std::string(kPieceBytes, '\0');
};

// One gzip member whose header says where its chunks begin (audit/index/segment_text.h).
bool write_zipped(int from, int to) {
  struct stat status {};
  if (::fstat(from, &status) != 0) return false;
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  const std::uint32_t chunk_bytes = chunk_bytes_for(bytes);
  std::vector<std::uint32_t> chunks(std::max<std::size_t>(1, static_cast<std::size_t>((bytes + chunk_bytes - 1) / chunk_bytes)));
  if (!Deflater::write_all(to, gzip_header(chunk_bytes, chunks))) return false;
  Deflater deflater(to);
  std::string piece(chunk_bytes, '\0');
  std::uint64_t done = 0;
  for (std::size_t n = 0; n < chunks.size(); ++n) {
    const ssize_t size = fill(piece, from);
    if (size < 0 || !deflater.chunk(std::string_view(piece).substr(0, static_cast<std::size_t>(size)), n + 1 == chunks.size(), chunks[n])) return false;
    done += static_cast<std::uint64_t>(size);
  }
  std::string end;
  layout::put(end, deflater.crc());
  layout::put(end, static_cast<std::uint32_t>(bytes & 0xffff'ffff));
  const std::string header = gzip_header(chunk_bytes, chunks);
  return done == bytes && Deflater::write_all(to, end) && ::pwrite(to, header.data(), header.size(), 0) == static_cast<ssize_t>(header.size());
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
