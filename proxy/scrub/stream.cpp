#include "proxy/scrub/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include "proxy/scrub/line_reader.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kWriteBytes = 256 * 1024;
constexpr auto kLookAgain = std::chrono::milliseconds{200};

volatile std::sig_atomic_t stop_wanted = 0;

void on_stop(int) {
  stop_wanted = 1;
}

// A signal ends a waiting read; what was read goes out before the end.
void take_signals() {
  struct sigaction action {};
  action.sa_handler = on_stop;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void open(const std::string& path) {
    close();
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

class Pump {
 public:
  enum class End { input, reader_gone, error, stopped };

  Pump(rules::LogFilter& filter, int output)
      : filter_(filter), output_(output), reader_(rules::LogFilter::kLineBytesMax) {}

  // Until the file has no more for now.
  End run(int input) {
    while (stop_wanted == 0) {
      const auto got = ::read(input, buffer_.data(), buffer_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return End::error;
      if (got == 0) return End::input;
      reader_.feed({buffer_.data(), static_cast<std::size_t>(got)});
      LineReader::Line line;
      while (reader_.next(line))
        if (!put(line, true)) return gone();
      // A burst is over when a read does not fill the buffer: nobody waits for a line that came.
      if (static_cast<std::size_t>(got) < buffer_.size() && !flush()) return gone();
    }
    return End::stopped;
  }

  // The line without an end, at the end of all.
  bool finish() {
    LineReader::Line line;
    return (!reader_.last(line) || put(line, false)) && flush();
  }

 private:
  End gone() const { return errno == EPIPE ? End::reader_gone : End::error; }

  bool put(const LineReader::Line& line, bool whole) {
    filter_.line(line.text, out_, line.rest_bytes, line.rest_quotes);
    if (whole) out_ += '\n';
    return out_.size() < kWriteBytes || flush();
  }

  bool flush() {
    std::string_view rest = out_;
    while (!rest.empty()) {
      const auto put = ::write(output_, rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    out_.clear();
    return true;
  }

  rules::LogFilter& filter_;
  int output_;
  LineReader reader_;
  std::string out_;
  std::array<char, kReadBytes> buffer_;
};

int failed(const char* what) {
  std::fprintf(stderr, "pgward scrub: cannot %s: %s\n", what, std::strerror(errno));
  return 2;
}

int status_of(Pump& pump, Pump::End end) {
  if (end == Pump::End::error) return failed("read or write");
  if (end == Pump::End::reader_gone) return 0;
  if (pump.finish()) return 0;
  return errno == EPIPE ? 0 : failed("write");
}

// Whether the file at this path is another one than the open one. As long as there is none, the old one is
// what the server still writes to.
bool was_rotated(int fd, const std::string& path) {
  struct stat open_file {
  }, named{};
  if (fstat(fd, &open_file) != 0 || stat(path.c_str(), &named) != 0) return false;
  return open_file.st_ino != named.st_ino || open_file.st_dev != named.st_dev;
}

bool has_more(int fd) {
  struct stat open_file {};
  return fd >= 0 && fstat(fd, &open_file) == 0 && open_file.st_size > lseek(fd, 0, SEEK_CUR);
}

bool was_truncated(int fd) {
  struct stat open_file {};
  return fstat(fd, &open_file) == 0 && open_file.st_size < lseek(fd, 0, SEEK_CUR);
}

}  // namespace

int scrub_input(rules::LogFilter& filter, int input, int output) {
  take_signals();
  const auto pump = std::make_unique<Pump>(filter, output);
  return status_of(*pump, pump->run(input));
}

int scrub_follow(rules::LogFilter& filter, const std::string& file, bool only_new, int output) {
  take_signals();
  const auto pump = std::make_unique<Pump>(filter, output);
  File open_file;
  open_file.open(file);
  if (open_file.fd() < 0) return failed(("open " + file).c_str());
  if (only_new) lseek(open_file.fd(), 0, SEEK_END);
  auto end = Pump::End::input;
  while (stop_wanted == 0) {
    if (open_file.fd() >= 0) {
      // Looked at before it is read: what the server wrote between the two is in the old file and is read.
      const bool rotated = was_rotated(open_file.fd(), file);
      if (was_truncated(open_file.fd())) lseek(open_file.fd(), 0, SEEK_SET);
      end = pump->run(open_file.fd());
      if (end != Pump::End::input) break;
      if (rotated) open_file.close();
    }
    if (open_file.fd() < 0) open_file.open(file);
    if (!has_more(open_file.fd())) std::this_thread::sleep_for(kLookAgain);
  }
  return status_of(*pump, end);
}

}  // namespace pgward::proxy
