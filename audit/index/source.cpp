#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "audit/index/sidecar.h"

namespace pgward::audit {
namespace {

class Memory : public IndexSource {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t offset, char* to, std::size_t size) const override {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return false;
    if (size > 0) std::memcpy(to, bytes_.data() + offset, size);
    return true;
  }

 private:
  std::string bytes_;
};

class File : public IndexSource {
 public:
  File(Fd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, char* to, std::size_t size) const override {
    while (size > 0) {
      const ssize_t n = ::pread(fd_.get(), to, size, static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      offset += static_cast<std::uint64_t>(n);
      to += n;
      size -= static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  Fd fd_;
  std::uint64_t size_;
};

}  // namespace

std::unique_ptr<IndexSource> index_in_memory(std::string bytes) { return std::make_unique<Memory>(std::move(bytes)); }

std::unique_ptr<IndexSource> index_in_file(int directory_fd, const std::string& name) {
  Fd fd(::openat(directory_fd, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  return std::make_unique<File>(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

}  // namespace pgward::audit
