#include "proxy/serve/alert_command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "proxy/net/fd.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kWaitingMax = 1000;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// In a child: our signals as they were before we blocked and ignored them, our files closed.
class SpawnSettings {
 public:
  explicit SpawnSettings(int input) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, input, 0);
    posix_spawn_file_actions_addopen(&files_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);  // what it starts is killed with it
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

// Whether it ended well in its time. Its process group is gone afterwards in any case.
bool ends_well(pid_t child, std::int64_t timeout_s) {
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  pollfd wanted{process.get(), POLLIN, 0};
  const bool ended = process && ::poll(&wanted, 1, static_cast<int>(timeout_s * 1000)) == 1;
  ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

AlertCommand::AlertCommand(std::vector<std::string> command, std::int64_t timeout_s, Done done)
    : command_(std::move(command)), timeout_s_(timeout_s), done_(std::move(done)) {
  if (!command_.empty()) thread_ = std::thread([this] { work(); });
}

AlertCommand::~AlertCommand() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void AlertCommand::send(const std::string& id, std::string line) {
  if (command_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    const auto older = std::find_if(queue_.begin(), queue_.end(), [&](const auto& waiting) { return waiting.first == id; });
    if (older != queue_.end()) return void(older->second = std::move(line));
    if (queue_.size() < kWaitingMax) {
      queue_.emplace_back(id, std::move(line));
      changed_.notify_one();
      return;
    }
  }
  done_(id, false);
}

void AlertCommand::work() {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> until;  // once we are to stop: what has not begun by then is not run
  while (true) {
    std::pair<std::string, std::string> next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      if (stop_ && !until) until = Clock::now() + std::chrono::seconds(timeout_s_);
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    done_(next.first, (!until || Clock::now() < *until) && run(next.second));
  }
}

bool AlertCommand::run(const std::string& line) const {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  Fd input(ends[0]), output(ends[1]);
  // A record has a few hundred bytes, a pipe holds 64 kB: it takes the line whole, whether anybody reads or not.
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  if (::write(output.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return false;
  output = Fd();
  std::vector<char*> arguments;
  for (const std::string& one : command_) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  char* environment[] = {const_cast<char*>(kPath), nullptr};
  const SpawnSettings settings(input.get());
  pid_t child = 0;
  if (::posix_spawn(&child, arguments[0], settings.files(), settings.attributes(), arguments.data(), environment) != 0) return false;
  return ends_well(child, timeout_s_);
}

}  // namespace pgward::proxy
