// kill -9 in the middle of writing: what was reported durable is there, and the log goes on.
#include <cerrno>
#include <csignal>
#include <random>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

namespace pgward::audit {
namespace {

// In the child: appends numbers from `first` on as fast as it can and reports each that became durable.
[[noreturn]] void write_until_killed(LogConfig config, std::uint64_t first, int report) {
  Log* running = nullptr;
  config.on_progress = [&] {
    const Ticket durable = running != nullptr ? running->durable() : 0;  // tickets count from 1
    const std::uint64_t last = first + durable - 1;
    if (durable > 0 && ::write(report, &last, sizeof last) != sizeof last) ::_exit(3);
  };
  auto opened = Log::open(config, kNow);
  if (std::holds_alternative<std::string>(opened)) ::_exit(2);
  running = std::get<std::unique_ptr<Log>>(opened).get();
  for (std::uint64_t n = first;;)
    if (running->append(numbered(n), kNow) != 0) ++n;
}

// The number that was reported last; nothing when the child wrote none.
std::optional<std::uint64_t> last_report(int fd) {
  std::optional<std::uint64_t> last;
  std::uint64_t number = 0;
  while (::read(fd, &number, sizeof number) == sizeof number) last = number;
  return last;
}

TEST(Kill, WhateverWasReportedDurableIsThere) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 200'000;
  config.queue_bytes_max = 1u << 20;
  std::mt19937 random(7);
  std::uint64_t first = 0, promised = 0;
  for (int round = 0; round < 15; ++round) {
    SCOPED_TRACE(round);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(config, first, ends[1]);
    ::close(ends[1]);
    pollfd begun{ends[0], POLLIN, 0};
    ASSERT_EQ(::poll(&begun, 1, 20'000), 1);
    ::usleep(static_cast<useconds_t>(random() % 30'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    const auto last = last_report(ends[0]);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    ASSERT_TRUE(last.has_value());
    promised = *last + 1;

    open_log(config).reset();
    ASSERT_EQ(trouble_with(scratch.path()), "");
    const auto numbers = numbers_in(scratch.path());
    ASSERT_GE(numbers.size(), promised);
    for (std::uint64_t n = 0; n < numbers.size(); ++n) ASSERT_EQ(numbers[n], n);
    first = numbers.size();
  }
  EXPECT_GT(promised, 0u);
}

}  // namespace
}  // namespace pgward::audit
