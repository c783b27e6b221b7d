#include "proxy/sinks/courier.h"

#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace pgward::proxy {
namespace {

constexpr std::int64_t kSaveMs = 1000;                       // a cursor is written no more often: its sync shares a disk with the log's
constexpr std::int64_t kBackOffMinMs = 100, kBackOffMaxMs = 30'000;
constexpr std::int64_t kIdleMs = 1000;
constexpr std::int64_t kComplainMs = 60'000;                 // the same complaint

template <class Clock>
std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}
std::int64_t steady_ms() { return now_us<std::chrono::steady_clock>() / 1000; }
std::int64_t unix_us() { return now_us<std::chrono::system_clock>(); }

std::filesystem::path cursor_of(const std::filesystem::path& log, const std::string& name) { return log / "sinks" / (name + ".cursor"); }

}  // namespace

Courier::Courier(const SinkPlace& place, std::filesystem::path log_directory, audit::Producer producer, std::function<std::unique_ptr<Sink>(const SinkPlace&, const Stop&)> make)
    : place_(place), folder_(log_directory / "sinks"), bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), route_(log_directory, cursor_of(log_directory, place.name), place, std::move(producer)),
      make_(std::move(make)), random_(std::random_device{}()) {}

Courier::~Courier() { stop(); }

void Courier::start(const audit::Log& log) {
  log_ = &log;
  std::error_code error;  // said when the cursor cannot be written
  std::filesystem::create_directory(folder_, error);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  caught_up_us_ = unix_us();
  thread_ = std::thread([this] { run(); });
}

void Courier::stop() {
  stop_.now();
  if (thread_.joinable()) thread_.join();
}

void Courier::ring() {
  // Against listening_ and then durable_seq() there: of two exchanges, whoever is second sees what the first one did. (No
  // fences: TSan does not know them.)
  if (listening_.exchange(false)) wake();
}

void Courier::wake() { ::eventfd_write(bell_.get(), 1); }

void Courier::run() {
  while (!stop_.is_now()) {
    if (guarded([this] { return work(); })) {
      failures_ = 0;
      if (finishing_ && seq_ >= log_->durable_seq()) break;
      continue;
    }
    up_ = false;
    if (finishing_) break;
    back_off();
  }
  guarded([this] {
    save_when_due(true);
    return true;
  });
  end_.set_value();
}

// Memory that runs out, a promise that a library breaks: begun anew, like anything else that fails.
template <class Step>
bool Courier::guarded(const Step& step) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::exception&) {
    complain("an error within pgward");  // what it says of itself may hold what it was about
  }
  opened_ = false;
  sink_.reset();  // nobody knows what is under way there
  return false;
}

bool Courier::open() {
  if (opened_) return true;
  if (!sink_) sink_ = make_(place_, stop_);
  const std::string wrong = route_.open(log_->durable_seq());
  if (!wrong.empty()) {
    complain(wrong);
    return false;
  }
  seq_ = route_.seq();
  return opened_ = true;
}

bool Courier::work() {
  if (!open()) return false;
  auto next = route_.next(log_->durable_seq());
  if (const auto* wrong = std::get_if<std::string>(&next)) {
    complain(*wrong);
    opened_ = false;
    return false;
  }
  const Load& load = std::get<Load>(next);
  if (load.end.seq == 0 && load.whole) {
    idle();
    return true;
  }
  if (!hand_over(load)) return false;
  // More may gather, unless much is waiting already.
  if (load.whole && log_->durable_seq() <= load.end.seq + 100 && !finishing_) stop_.within_ms(sink_->gather_ms());
  return true;
}

// The same load until it is there: what was read and completed is not read again.
bool Courier::hand_over(const Load& load) {
  oldest_us_ = load.oldest_us;
  while (!load.parcels.empty()) {
    const auto wrong = sink_->deliver(load.parcels);
    if (!wrong) break;
    if (stop_.is_now()) return false;
    complain(*wrong);
    up_ = false;
    if (finishing_) {
      opened_ = false;
      return false;
    }
    back_off();
    if (stop_.is_now()) return false;
  }
  failures_ = 0;
  content();
  delivered_ += static_cast<std::uint64_t>(std::count_if(load.parcels.begin(), load.parcels.end(), [](const Parcel& parcel) { return parcel.first_part == 0; }));
  route_.delivered(load);
  seq_ = route_.seq();
  oldest_us_ = 0;
  save_when_due(false);
  return true;
}

void Courier::idle() {
  content();
  caught_up_us_ = unix_us();
  save_when_due(false);
  listening_.exchange(true);
  if (log_->durable_seq() > seq_ || finishing_) {
    listening_.exchange(false);
    // Durable, and not there to be read: somebody is about to make the next segment's name.
    if (!finishing_) stop_.within_ms(10);
    return;
  }
  const std::int64_t wait_ms = route_.unsaved() ? std::clamp<std::int64_t>(saved_ms_ + kSaveMs - steady_ms(), 0, kSaveMs) : kIdleMs;
  stop_.within_ms(wait_ms, bell_.get());
  listening_.exchange(false);
  eventfd_t count = 0;
  ::eventfd_read(bell_.get(), &count);
}

void Courier::save_when_due(bool at_once) {
  if (!route_.unsaved() || (!at_once && steady_ms() - saved_ms_ < kSaveMs)) return;
  saved_ms_ = steady_ms();
  const std::string wrong = route_.save();
  if (!wrong.empty()) complain(wrong);
  unsavable_ = !wrong.empty();
}

void Courier::complain(const std::string& what) {
  const std::int64_t now = steady_ms();
  if (complained_ && what == complaint_ && now - complained_ms_ < kComplainMs) return;
  complained_ = true;
  complaint_ = what;
  complained_ms_ = now;
  spdlog::error("audit sink {}: {}; {} records wait", place_.name, what, log_->durable_seq() - std::min(log_->durable_seq(), seq_.load()));
}

void Courier::content() {
  up_ = true;
  if (unsavable_ || !std::exchange(complained_, false)) return;
  complaint_.clear();
  spdlog::info("audit sink {}: delivers again", place_.name);
}

// Later and later, and not at the same moment as everybody else who lost the same server.
void Courier::back_off() {
  const std::int64_t most = std::min(kBackOffMaxMs, kBackOffMinMs << std::min(failures_, 10U));
  ++failures_;
  const std::int64_t wait = most / 2 + static_cast<std::int64_t>(random_()) % (most / 2 + 1);
  const std::int64_t until = steady_ms() + wait;
  while (!finishing_ && !stop_.is_now() && steady_ms() < until) stop_.within_ms(std::min<std::int64_t>(until - steady_ms(), 200));
}

Courier::Health Courier::health() const {
  Health health;
  health.name = place_.name;
  health.delivered = delivered_;
  const std::uint64_t durable = log_ != nullptr ? log_->durable_seq() : 0, seq = seq_;
  health.lag_records = durable > seq ? durable - seq : 0;
  health.up = up_;
  const std::int64_t since = oldest_us_ != 0 ? oldest_us_.load() : caught_up_us_.load();
  if (health.lag_records > 0) health.lag_s = static_cast<double>(std::max<std::int64_t>(unix_us() - since, 0)) / 1e6;
  return health;
}

}  // namespace pgward::proxy
