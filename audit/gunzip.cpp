#include "audit/gunzip.h"

#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>

namespace pgward::audit {

struct Gunzip::State {
  z_stream stream{};
  std::array<unsigned char, 64 * 1024> input{};
  bool works = false, over = false;
};

Gunzip::Gunzip(int fd) : fd_(fd), state_(std::make_unique<State>()) {
  state_->works = inflateInit2(&state_->stream, 16 + MAX_WBITS) == Z_OK;  // 16: gzip only
}

Gunzip::~Gunzip() {
  if (state_->works) inflateEnd(&state_->stream);
}

ssize_t Gunzip::more() {
  ssize_t n = 0;
  do {
    n = ::read(fd_, state_->input.data(), state_->input.size());
  } while (n < 0 && errno == EINTR);
  state_->stream.next_in = state_->input.data();
  state_->stream.avail_in = n > 0 ? static_cast<unsigned>(n) : 0;
  return n;
}

ssize_t Gunzip::read(char* bytes, std::size_t size) {
  z_stream& stream = state_->stream;
  const auto damaged = [] {
    errno = EIO;
    return ssize_t{-1};
  };
  if (!state_->works) return damaged();
  stream.next_out = reinterpret_cast<unsigned char*>(bytes);
  stream.avail_out = static_cast<unsigned>(size);
  while (stream.avail_out == size && !state_->over) {
    if (stream.avail_in == 0) {
      const ssize_t n = more();
      if (n < 0) return -1;
      if (n == 0) return damaged();  // cut short
    }
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) state_->over = true;
    else if (status != Z_OK) return damaged();
  }
  if (state_->over && stream.avail_out == size && (stream.avail_in > 0 || more() != 0)) return damaged();
  return static_cast<ssize_t>(size - stream.avail_out);
}

}  // namespace pgward::audit
