#include "audit/index/segment_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "audit/index/sidecar_layout.h"
#include "audit/limits.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kReadBytes = 36u << 10;  // where lines begin is known every 32 KiB
constexpr std::uint32_t kChunkBytes = 128u << 10;
constexpr std::size_t kWindowMax = 1u << 20;  // of text at once, whatever a file says of its chunks
constexpr std::size_t kChunksMax = 16'000;  // 4 bytes each: a header holds 65,535
constexpr std::size_t kFixedHeader = 10, kExtra = 2 + 4 + 4;

ssize_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset) {
  ssize_t n = 0;
  do n = ::pread(fd, to, size, static_cast<off_t>(offset));
  while (n < 0 && errno == EINTR);
  return n;
}

bool all_at(int fd, char* to, std::size_t size, std::uint64_t offset) {
  while (size > 0) {
    const ssize_t n = read_at(fd, to, size, offset);
    if (n <= 0) return false;
    to += n;
    size -= static_cast<std::size_t>(n);
    offset += static_cast<std::uint64_t>(n);
  }
  return true;
}

std::size_t u16(std::string_view at) { return static_cast<unsigned char>(at[0]) | static_cast<std::size_t>(static_cast<unsigned char>(at[1])) << 8; }

}  // namespace

std::uint32_t chunk_bytes_for(std::uint64_t segment_bytes) {
  std::uint64_t chunk = kChunkBytes;
  while (segment_bytes / chunk >= kChunksMax) chunk *= 2;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(chunk, 1u << 31));
}

std::string gzip_header(std::uint32_t chunk_bytes, const std::vector<std::uint32_t>& chunks) {
  std::string header("\x1f\x8b\x08\x04\0\0\0\0\0\xff", kFixedHeader);
  const std::size_t field = 4 + 4 * chunks.size();
  layout::put(header, static_cast<std::uint16_t>(4 + field));
  header += "PW";
  layout::put(header, static_cast<std::uint16_t>(field));
  layout::put(header, chunk_bytes);
  for (const std::uint32_t chunk : chunks) layout::put(header, chunk);
  return header;
}

std::optional<SegmentText> SegmentText::open(int directory_fd, SegmentNumber number) {
  SegmentText text;
  const auto tried = [&](const std::string& name) {
    text.fd_ = Fd(::openat(directory_fd, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    return static_cast<bool>(text.fd_);
  };
  const std::string name = segment_name(number);
  if (!tried(name)) {
    text.gzip_ = tried(name + ".gz");
    if (!text.gzip_ && !tried(name)) return std::nullopt;
  }
  struct stat status {};
  if (::fstat(text.fd_.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  text.file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (text.gzip_) {
    if (text.file_bytes_ < kFixedHeader + 8 || !all_at(text.fd_.get(), reinterpret_cast<char*>(&text.plain_bytes_), 4, text.file_bytes_ - 4)) return std::nullopt;
    text.read_gzip_header();
  }
  return text;
}

void SegmentText::read_gzip_header() {
  std::string header(kFixedHeader + kExtra, '\0');
  if (!all_at(fd_.get(), header.data(), header.size(), 0) || !header.starts_with("\x1f\x8b\x08\x04")) return;
  const std::string_view extra = std::string_view(header).substr(kFixedHeader);
  const std::size_t field = u16(extra.substr(4));
  if (extra.substr(2, 2) != "PW" || field < 4 || field % 4 != 0 || u16(extra) != field + 4) return;
  std::string sizes(field - 4, '\0');
  if (!all_at(fd_.get(), sizes.data(), sizes.size(), header.size())) return;
  std::string_view rest = extra.substr(6);
  chunk_bytes_ = layout::take<std::uint32_t>(rest);
  std::uint64_t offset = header.size() + sizes.size();
  for (std::string_view left(sizes); !left.empty();) {
    chunks_.push_back(offset);
    offset += layout::take<std::uint32_t>(left);
  }
  if (chunk_bytes_ == 0 || offset > file_bytes_) chunks_.clear();
}

bool SegmentText::holds(std::uint64_t bytes) const {
  return gzip_ ? static_cast<std::uint32_t>(bytes & 0xffff'ffff) == plain_bytes_ : bytes == file_bytes_;
}

// Fills the window with text from `offset` on.
bool SegmentText::inflate_from(std::uint64_t offset, std::size_t most) {
  const std::size_t chunk = chunks_.empty() ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(offset / chunk_bytes_, chunks_.size() - 1));
  std::uint64_t from = chunks_.empty() ? 0 : chunks_[chunk];  // in the file
  std::uint64_t at = chunks_.empty() ? 0 : chunk * chunk_bytes_;  // in the text
  z_stream stream{};
  if (inflateInit2(&stream, chunks_.empty() ? 16 + MAX_WBITS : -MAX_WBITS) != Z_OK) return false;
  std::array<char, kReadBytes> input, passed;
  window_.resize(most);
  window_offset_ = offset;
  std::size_t filled = 0;
  int status = Z_OK;
  while (status == Z_OK && filled < most) {
    if (stream.avail_in == 0) {
      const ssize_t n = read_at(fd_.get(), input.data(), input.size(), from);
      if (n <= 0) break;
      from += static_cast<std::uint64_t>(n);
      stream.next_in = reinterpret_cast<Bytef*>(input.data());
      stream.avail_in = static_cast<unsigned>(n);
    }
    const bool before = at < offset;
    const std::size_t room = before ? static_cast<std::size_t>(std::min<std::uint64_t>(passed.size(), offset - at)) : most - filled;
    stream.next_out = reinterpret_cast<Bytef*>(before ? passed.data() : window_.data() + filled);
    stream.avail_out = static_cast<unsigned>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = room - stream.avail_out;
    (before ? at : filled) += made;
    if (status == Z_BUF_ERROR && stream.avail_in == 0) status = Z_OK;
  }
  inflateEnd(&stream);
  window_.resize(filled);
  return filled > 0;
}

std::string_view SegmentText::bytes_at(std::uint64_t offset, std::size_t most) {
  if (offset < window_offset_ || offset >= window_offset_ + window_.size()) {
    if (gzip_) {
      // To the end of the chunk: the next question may well be about a neighbour.
      const bool more = most >= kReadBytes && chunk_bytes_ != 0;
      if (!inflate_from(offset, more ? std::max(most, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes_ - offset % chunk_bytes_, kWindowMax))) : most)) return {};
    } else {
      window_.resize(most);
      window_offset_ = offset;
      const ssize_t n = read_at(fd_.get(), window_.data(), window_.size(), offset);
      window_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
      if (n <= 0) return {};
    }
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_offset_), most);
}

std::optional<std::string> SegmentText::line(std::uint64_t offset, std::uint64_t skip) { return line(offset, skip, kReadBytes); }
std::optional<std::string> SegmentText::first_line() { return line(0, 0, 2048); }

std::optional<std::string> SegmentText::line(std::uint64_t offset, std::uint64_t skip, std::size_t piece_bytes) {
  std::string found;
  for (;;) {
    std::string_view piece = bytes_at(offset, piece_bytes);
    if (piece.empty()) return std::nullopt;
    offset += piece.size();
    for (; skip > 0 && !piece.empty();) {
      const std::size_t end = piece.find('\n');
      if (end == piece.npos) {
        piece = {};
        break;
      }
      piece.remove_prefix(end + 1);
      --skip;
    }
    const std::size_t end = piece.find('\n');
    found += piece.substr(0, end);
    if (end != piece.npos) return found;
    if (found.size() >= kLineBytesMax) return std::nullopt;
  }
}

}  // namespace pgward::audit
