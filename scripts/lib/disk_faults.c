// A disk that fails when a test says so: preload it (LD_PRELOAD) and write one letter into the file that DISK_FAULTS names:
//   '.'  works          'f'  full: writes take half of what they get, then ENOSPC
//   'w'  writes fail with EIO          's'  fdatasync fails with EIO
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static volatile const char *mode;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("DISK_FAULTS");
  const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *mapped = mmap(0, 1, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) mode = mapped;
  close(fd);
}

static char now(void) { return mode ? *mode : '.'; }

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
  const char fault = now();
  if (fault == 'w') {
    errno = EIO;
    return -1;
  }
  if (fault == 'f') {
    if (size > 8192) return real(fd, bytes, size / 2 / 4096 * 4096, at);
    errno = ENOSPC;
    return -1;
  }
  return real(fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
  if (now() == 's') {
    errno = EIO;
    return -1;
  }
  return real(fd);
}
