#include "disk_faults.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/types.h>

namespace pgward::audit {

DiskFaults& disk_faults() {
  static DiskFaults faults;
  return faults;
}

void DiskFaults::clear() {
  sync_error = 0;
  write_error = 0;
  room = 0;
  no_direct = false;
}

}  // namespace pgward::audit

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the linker chose these names
ssize_t __real_pwrite(int fd, const void* bytes, size_t size, off_t at);
int __real_fdatasync(int fd);

ssize_t __wrap_pwrite(int fd, const void* bytes, size_t size, off_t at) {
  auto& faults = pgward::audit::disk_faults();
  if (faults.no_direct && (::fcntl(fd, F_GETFL) & O_DIRECT) != 0) {
    errno = EINVAL;
    return -1;
  }
  const int error = faults.write_error;
  if (error == 0) return __real_pwrite(fd, bytes, size, at);
  const size_t takes = std::min<size_t>(size, faults.room);
  if (takes > 0) {
    const ssize_t taken = __real_pwrite(fd, bytes, takes, at);
    if (taken > 0) faults.room -= static_cast<size_t>(taken);
    return taken;
  }
  errno = error;
  return -1;
}

int __wrap_fdatasync(int fd) {
  auto& faults = pgward::audit::disk_faults();
  ++faults.syncs;
  if (const int error = faults.sync_error; error != 0) {
    errno = error;
    return -1;
  }
  return __real_fdatasync(fd);
}
// NOLINTEND(bugprone-reserved-identifier)
}
