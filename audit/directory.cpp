#include "audit/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pgward::audit {
namespace {

std::string failed(const std::filesystem::path& path, std::string_view step) {
  return path.string() + ": " + IoError{step, errno}.text();
}

}  // namespace

Directory::Directory(std::filesystem::path path, Fd fd, Fd lock)
    : path_(std::move(path)), fd_(std::move(fd)), lock_(std::move(lock)) {}

std::variant<Directory, std::string> Directory::open(const std::filesystem::path& wanted) {
  const std::filesystem::path path = wanted.has_filename() ? wanted : wanted.parent_path();  // "audit/"
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return path.string() + ": " + error.message();
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return failed(path, "make directory");

  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed(path, "open directory");
  Fd lock(::openat(fd.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return failed(path / "lock", "open");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return path.string() + ": another process is writing this log";
    return failed(path / "lock", "lock");
  }
  if (made) {
    const Fd parent(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fsync(parent.get()) != 0) return failed(path, "sync parent directory");
  }
  return Directory(path, std::move(fd), std::move(lock));
}

IoResult Directory::sync() const {
  if (::fsync(fd_.get()) != 0) return IoError{"sync directory", errno};
  return std::nullopt;
}

}  // namespace pgward::audit
