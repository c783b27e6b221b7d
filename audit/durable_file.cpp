#include "audit/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "audit/io.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

std::string failed(const fs::path& file, std::string_view step) { return file.string() + ": " + IoError{step, errno}.text(); }

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

Fd directory_at(const fs::path& path) { return Fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

// What root makes in somebody's directory would be out of that one's reach.
bool give_to_owner_of(int directory, int fd) {
  struct stat around {};
  if (::geteuid() != 0) return true;
  return ::fstat(directory, &around) == 0 && (around.st_uid == 0 || ::fchown(fd, around.st_uid, around.st_gid) == 0);
}

}  // namespace

std::string write_durably(const fs::path& file, const fs::path& fresh, std::string_view bytes, Reader reader) {
  const Fd directory = directory_at(file.parent_path());
  if (!directory) return failed(file.parent_path(), "open");
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return failed(fresh, "remove");
  const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed(fresh, "create");
  // Whatever the umask says.
  if (reader == Reader::all ? ::fchmod(fd.get(), 0644) != 0 : !give_to_owner_of(directory.get(), fd.get())) return failed(fresh, "set mode and owner");
  if (!write_all(fd.get(), bytes)) return failed(fresh, "write");
  if (::fsync(fd.get()) != 0) return failed(fresh, "sync");
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed(fresh, "rename");
  return ::fsync(directory.get()) == 0 ? "" : failed(file, "sync directory");
}

std::string make_folder(const fs::path& folder) {
  const bool made = ::mkdir(folder.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return failed(folder, "make the directory");
  const Fd around = directory_at(folder.parent_path());
  if (!around) return failed(folder.parent_path(), "open");
  if (made) {
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd || !give_to_owner_of(around.get(), fd.get())) return failed(folder, "give it to its owner");
  }
  // Also one that was there: who made it may not have come so far.
  return ::fsync(around.get()) == 0 ? "" : failed(folder.parent_path(), "sync");
}

}  // namespace pgward::audit
