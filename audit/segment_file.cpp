#include "audit/segment_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pgward::audit {
namespace {

IoResult failed(std::string_view step) {
  return IoError{step, errno};
}

// Without it everything works as well, through the page cache.
void set_direct(int fd, bool on) {
  const int flags = ::fcntl(fd, F_GETFL);
  (void)!::fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

// Whether the last call may do better without O_DIRECT: a file system that allows it and then does not, a disk with
// larger blocks, the odd end of what a full disk took.
bool refused_as_direct(int fd) {
  if (errno != EINVAL || (::fcntl(fd, F_GETFL) & O_DIRECT) == 0) return false;
  set_direct(fd, false);
  return true;
}

// Writes at least `needed` of the bytes; the rest is welcome, but the disk may be full. How many it were.
std::variant<std::size_t, IoError> write_at(int fd, std::string_view bytes, std::size_t needed,
                                            std::uint64_t at) {
  std::size_t done = 0;
  while (done < needed) {
    const ssize_t n = ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && (errno == EINTR || refused_as_direct(fd))) continue;
    if (n <= 0) return IoError{"write", n < 0 ? errno : ENOSPC};
    done += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

SegmentFile::SegmentFile(Fd fd, SegmentNumber number, std::uint64_t durable, std::size_t grow_bytes)
    : fd_(std::move(fd)),
      number_(number),
      durable_(durable),
      written_(durable),
      allocated_(durable),
      grow_bytes_(grow_bytes) {}

SegmentFile::~SegmentFile() {
  // A clean end leaves no zero bytes. Should it not work, a reader passes over them.
  if (fd_ && !sync_failed_ && allocated_ > durable_)
    (void)!::ftruncate(fd_.get(), static_cast<off_t>(durable_));
}

std::variant<SegmentFile, IoError> SegmentFile::create(const Directory& directory, SegmentNumber number,
                                                       std::size_t grow_bytes) {
  Fd fd(::openat(directory.fd(), segment_name(number).c_str(),
                 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return *failed("create segment");
  set_direct(fd.get(), true);
  return SegmentFile(std::move(fd), number, 0, grow_bytes);
}

std::variant<SegmentFile, IoError> SegmentFile::resume(const Directory& directory, SegmentNumber number,
                                                       std::uint64_t end, std::size_t grow_bytes) {
  Fd fd(::openat(directory.fd(), segment_name(number).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return *failed("open segment");
  set_direct(fd.get(), true);
  SegmentFile file(std::move(fd), number, end, grow_bytes);
  if (auto error = file.cut()) return *error;
  if (auto error = file.sync()) return *error;
  if (auto error = file.read_tail()) return *error;
  return file;
}

IoResult SegmentFile::read_tail() {
  const std::size_t tail = tail_bytes();
  block_.reserve(kBlockBytes, 0);
  ssize_t n = 0;
  do {
    n = ::pread(fd_.get(), block_.data(), kBlockBytes, static_cast<off_t>(durable_ - tail));
  } while (n < 0 && (errno == EINTR || refused_as_direct(fd_.get())));
  if (n < 0) return failed("read");
  return static_cast<std::size_t>(n) == tail ? IoResult{} : IoError{"read", EIO};
}

// Only so many bytes of block_ are in use from now on: zero bytes follow.
void SegmentFile::use(std::size_t bytes) {
  if (used_ > bytes) std::memset(block_.data() + bytes, 0, used_ - bytes);
  used_ = bytes;
}

IoResult SegmentFile::append(std::string_view group) {
  const std::size_t tail = tail_bytes(), needed = tail + group.size();
  const bool grow = durable_ + group.size() > allocated_;
  const std::size_t size = whole_blocks(needed + (grow ? grow_bytes_ : 0));
  block_.reserve(size, tail);
  group.copy(block_.data() + tail, group.size());
  used_ = needed;
  const std::uint64_t at = durable_ - tail;
  const auto written = write_at(fd_.get(), {block_.data(), size}, needed, at);
  if (const auto* error = std::get_if<IoError>(&written)) {
    allocated_ = at + size;  // unknown: enough for cut() to do its work
    return *error;
  }
  written_ = durable_ + group.size();
  allocated_ = std::max(allocated_, at + std::get<std::size_t>(written));
  return std::nullopt;
}

IoResult SegmentFile::sync() {
  if (::fdatasync(fd_.get()) != 0) {
    sync_failed_ = true;
    return failed("sync");
  }
  durable_ = written_;
  const std::size_t tail = tail_bytes();
  if (used_ > tail) std::memmove(block_.data(), block_.data() + (used_ - tail), tail);
  use(tail);
  block_.shrink(tail);
  return std::nullopt;
}

IoResult SegmentFile::cut() {
  // No sync behind it. Where the cut matters, the next file's sync carries it: both are metadata of one
  // journal, and the cut came first.
  if (::ftruncate(fd_.get(), static_cast<off_t>(durable_)) != 0) return failed("truncate");
  written_ = allocated_ = durable_;
  use(tail_bytes());
  return std::nullopt;
}

IoResult SegmentFile::seal() {
  if (auto error = cut()) return error;
  // A reader allows zero bytes at the end of the last segment only, so the length must be durable before
  // there is a next one.
  return sync();
}

IoResult SegmentFile::remove(const Directory& directory) {
  if (::unlinkat(directory.fd(), segment_name(number_).c_str(), 0) != 0) return failed("remove segment");
  return std::nullopt;
}

}  // namespace pgward::audit
