// Waiting for events on kernels, and in containers, that are older than epoll_pwait2.
#include "proxy/net/poller.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace pgward::proxy {
namespace {

struct Counter : Handler {
  int events = 0;
  void on_events(std::uint32_t) override { ++events; }
};

// From now on this process is told `number` when it calls epoll_pwait2.
bool forbid(int number) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(number)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{4, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(PollerTest, HearsOfEventsWithoutTheNewerCall) {
  for (const int number : {0, ENOSYS, EPERM}) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (number != 0 && !forbid(number)) ::_exit(2);
      Poller poller;
      Counter counter;
      const Fd fd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
      poller.add(fd.get(), EPOLLIN, counter);
      poller.wait(std::chrono::microseconds{100});
      ::_exit(counter.events == 1 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << number;
  }
}

}  // namespace
}  // namespace pgward::proxy
