// Durable records per second: clients that each wait for their record before they make the next one, on a signed log. A disk's own
// fdatasync is measured beside it, because nothing here can be understood without.
//
// In a directory of TMPDIR, which must be on a disk: on a tmpfs a sync costs nothing.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "audit/event.h"
#include "audit/io.h"
#include "audit/log.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

std::int64_t unix_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}
std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Scratch {
 public:
  Scratch() {
    const char* where = std::getenv("TMPDIR");
    std::string name = std::string(where != nullptr ? where : "/var/tmp").append("/pgward-bench-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// A log, and those who wait for it.
struct Office {
  Scratch scratch;
  std::mutex mutex;
  std::condition_variable progress;
  std::unique_ptr<Log> log;

  Office() {
    LogConfig config;
    config.directory = scratch.path() / "audit";
    config.steady_us = steady_us;
    config.on_progress = [this] {
      { const std::lock_guard lock(mutex); }
      progress.notify_all();
    };
    config.signing.keys = scratch.path() / "keys";
    config.signing.unix_us = unix_us;
    auto opened = Log::open(std::move(config), unix_us());
    if (std::holds_alternative<std::string>(opened)) std::abort();
    log = std::move(std::get<std::unique_ptr<Log>>(opened));
  }
  ~Office() { log.reset(); }

  bool record(const std::string& members) {
    const Ticket ticket = log->append(members, unix_us());
    std::unique_lock lock(mutex);
    progress.wait(lock, [&] { return log->fate(ticket) != Fate::waiting; });
    return log->fate(ticket) == Fate::durable;
  }
};

std::unique_ptr<Office> office;

void durable_records(benchmark::State& state) {
  if (state.thread_index() == 0) office = std::make_unique<Office>();
  static const StatementOutcome outcome{1, "00000"};
  const std::string members = audit::members(StatementRead{"0123456789abcdef0123456789abcdef", 12345, nullptr, 12, &outcome});
  for (auto _ : state)
    if (!office->record(members)) state.SkipWithError("a record was lost");
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) office.reset();
}
BENCHMARK(durable_records)->Threads(1)->Threads(8)->Threads(64)->UseRealTime()->MeasureProcessCPUTime();

// The disk alone: one block into a file that is there already, as the log writes.
void disk_sync(benchmark::State& state) {
  const Scratch scratch;
  const Fd fd(::open((scratch.path() / "f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_DIRECT, 0600));
  constexpr std::size_t kBlock = 4096, kBlocks = 1024;
  const std::unique_ptr<char, decltype(&std::free)> block(static_cast<char*>(std::aligned_alloc(kBlock, kBlock)), &std::free);
  std::fill_n(block.get(), kBlock, 'x');
  const auto write = [&](std::size_t n) { return ::pwrite(fd.get(), block.get(), kBlock, static_cast<off_t>(n % kBlocks * kBlock)) == kBlock; };
  for (std::size_t n = 0; n < kBlocks; ++n)
    if (!write(n)) state.SkipWithError("cannot write");
  (void)!::fsync(fd.get());
  std::size_t n = 0;
  for (auto _ : state)
    if (!write(n++) || ::fdatasync(fd.get()) != 0) state.SkipWithError("cannot write");
}
BENCHMARK(disk_sync)->UseRealTime();

}  // namespace
}  // namespace pgward::audit
