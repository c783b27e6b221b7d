#include "audit/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "audit/limits.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kReadBytes = 256u << 10;

bool all_zero(std::string_view bytes) {
  return bytes.empty() || (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

LineReader::LineReader(int directory_fd, const std::string& name, std::uint64_t offset)
    : fd_(::openat(directory_fd, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {
  if (!fd_ && errno == ENOENT) {
    fd_ = Fd(::openat(directory_fd, (name + ".gz").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd_) unzipped_ = std::make_unique<Gunzip>(fd_.get());
    else errno = ENOENT;
  }
  struct stat status {};
  if (!fd_ || ::fstat(fd_.get(), &status) != 0)
    error_ = {errno, std::generic_category()};
  else if (!S_ISREG(status.st_mode))
    error_ = std::make_error_code(std::errc::invalid_argument);
  if (!error_) buffer_.resize(kReadBytes);
  if (!error_ && offset > 0) skip(offset);
}

void LineReader::skip(std::uint64_t bytes) {
  offset_ = bytes;
  if (!unzipped_) {
    if (::lseek(fd_.get(), static_cast<off_t>(bytes), SEEK_SET) < 0) error_ = {errno, std::generic_category()};
    return;
  }
  while (bytes > 0 && fill()) {
    begin_ = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, end_));
    bytes -= begin_;
    if (bytes > 0) begin_ = end_ = 0;
  }
}

bool LineReader::fill() {
  if (error_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // More only for the longest of lines: next() gives up at kLineBytesMax.
  if (buffer_.size() - end_ < kReadBytes / 2) buffer_.resize(buffer_.size() * 2);
  ssize_t n = 0;
  do {
    n = unzipped_ ? unzipped_->read(buffer_.data() + end_, buffer_.size() - end_)
                  : ::read(fd_.get(), buffer_.data() + end_, buffer_.size() - end_);
  } while (n < 0 && errno == EINTR);
  if (n < 0) error_ = {errno, std::generic_category()};
  if (n <= 0) return false;
  end_ += static_cast<std::size_t>(n);
  return true;
}

LineReader::Piece LineReader::next() {
  piece_offset_ = offset_;
  std::size_t searched = 0;
  const char* newline = nullptr;
  for (;;) {
    const std::size_t unread = end_ - begin_;
    newline =
        static_cast<const char*>(std::memchr(buffer_.data() + begin_ + searched, '\n', unread - searched));
    searched = unread;
    if (newline != nullptr || unread >= kLineBytesMax || !fill()) break;
  }
  if (error_) return {Kind::unreadable, {}, offset_};

  const std::size_t length =
      newline != nullptr ? static_cast<std::size_t>(newline - (buffer_.data() + begin_)) : searched;
  if (length > 0 || newline != nullptr) ++line_;
  const std::string_view text(buffer_.data() + begin_, length);
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) return {Kind::nul, text.substr(0, nul), offset_};
  if (length >= kLineBytesMax) return {Kind::too_long, {}, offset_};
  if (newline == nullptr) return {length > 0 ? Kind::cut_off : Kind::end, text, offset_};

  const Piece piece{Kind::whole, text, offset_};
  begin_ += length + 1;
  offset_ += length + 1;
  return piece;
}

void LineReader::unread() {
  const auto length = static_cast<std::size_t>(offset_ - piece_offset_);
  begin_ -= length;
  offset_ -= length;
  --line_;
}

std::optional<std::uint64_t> LineReader::data_end() {
  std::uint64_t last = offset_;
  do {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    if (!all_zero(rest)) last = offset_ + rest.find_last_not_of('\0') + 1;
    offset_ += rest.size();
    begin_ = end_;
  } while (fill());
  if (error_) return std::nullopt;
  return last;
}

}  // namespace pgward::audit
