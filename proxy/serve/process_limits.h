// What the process asks of the kernel before it serves.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <csignal>

#include "proxy/net/fd.h"

namespace pgward::proxy {

// A session takes two descriptors; the customary soft limit of 1024 is for programs that use select().
inline void raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// Secrets live in this process, and rows of patients in its buffers: no core dump at all, rather than one without some
// pages (MADV_DONTDUMP); and nobody may attach to it but root. Two walls: a limit can be raised from outside (prlimit), and
// a core_pattern with a pipe takes no notice of it; a process that is not dumpable leaves none either way.
inline void protect_memory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Those that ask us to end or to reload, as a descriptor: readable when one has come. Before there are threads.
inline Fd block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of write(), like a full disk
  return Fd(signalfd(-1, &set, SFD_CLOEXEC));
}

}  // namespace pgward::proxy
