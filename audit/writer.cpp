#include "audit/writer.h"

#include <span>

#include "audit/limits.h"
#include "audit/log_record.h"

namespace pgward::audit {
namespace {

constexpr std::chrono::seconds kRetry{1};

// What would break the form of the log for all records after it. Everything else of the members is the
// caller's promise.
bool acceptable(std::string_view members) {
  return members.starts_with("\"type\":\"") && members.size() <= kLineBytesMax - kEnvelopeBytesMax &&
         members.find('\n') == std::string_view::npos && members.find('\0') == std::string_view::npos;
}

// How many entries from `first` on make the next group.
std::size_t group_size(const std::vector<Entry>& batch, std::size_t first) {
  std::size_t bytes = kOwnBytesMax;  // those of the log itself may come first
  std::size_t count = 0;
  while (first + count < batch.size()) {
    bytes += batch[first + count].members.size() + kEnvelopeBytesMax;
    if (count > 0 && bytes > kGroupBytesMax) break;
    ++count;
  }
  return count;
}

}  // namespace

Writer::Writer(std::unique_ptr<Trail> trail, LogConfig config)
    : trail_(std::move(trail)),
      on_progress_(std::move(config.on_progress)),
      steady_us_(config.steady_us ? std::move(config.steady_us) : [] { return std::int64_t{0}; }),
      queue_(config.queue_bytes_max) {
  durable_seq_ = trail_->last_seq();
  if (trail_->is_signed()) open_notary(config.signing);
  thread_ = std::thread([this] { run(); });
  if (!notary_ || config.retention.look_s == 0) return;
  Keeper::Desk desk{[this](std::string members) {
                      const Ticket ticket = queue_.push(members, unix_us_(), Pace::now);
                      static_cast<void>(flush());
                      return ticket != 0 && fates_.of(ticket) == Fate::durable;
                    },
                    unix_us_};
  keeper_ = std::make_unique<Keeper>(config.directory, config.retention, std::move(desk));
}

// Unless the log has failed.
void Writer::end() {
  if (!thread_.joinable()) return;
  keeper_.reset();  // it waits for records: while they are written
  if (notary_) {
    notary_->end_timer();
    queue_.push(log_close(), unix_us_(), Pace::now);
  }
  queue_.stop();
  thread_.join();
}

void Writer::open_notary(const SigningConfig& config) {
  unix_us_ = config.unix_us;
  Notary::Desk desk;
  desk.is_ahead = [this] { return ahead_.load(); };
  desk.want_checkpoint = [this] {
    checkpoint_wanted_ = true;
    queue_.push({}, 0, Pace::soon);  // no record: it wakes a writer that has nothing to write
  };
  desk.record = [this](std::string members) { queue_.push(members, unix_us_(), Pace::soon); };
  desk.bar = [this](bool barred) {
    barred_.store(barred, std::memory_order_release);
    progress();
  };
  notary_ = std::make_unique<Notary>(config, std::move(desk));
  if (auto made = trail_->take_checkpoint()) notary_->deliver(std::move(*made));
}

Ticket Writer::append(std::string members, std::int64_t now_us, Pace pace) {
  return acceptable(members) && !barred_.load(std::memory_order_acquire) ? queue_.push(members, now_us, pace) : 0;
}

bool Writer::flush() {
  const Ticket last = queue_.last();
  queue_.hurry();
  std::unique_lock lock(flush_mutex_);
  settled_.wait(lock, [&] { return fates_.settled() >= last || failed(); });
  return !failed() && (last == 0 || fates_.of(last) == Fate::durable);
}

void Writer::run() {
  std::vector<Entry> batch;
  Ticket last = 0;
  std::chrono::microseconds took{0};
  while (queue_.take(batch, last, took)) {
    const std::int64_t began = steady_us_();
    if (!write(batch, last)) return;
    took = std::chrono::microseconds(steady_us_() - began);
    batch.clear();
  }
  if (notary_) end_signed();
}

IoResult Writer::write_group(std::span<const Entry> group) {
  std::optional<std::int64_t> checkpoint_at;
  if (notary_ && checkpoint_wanted_.exchange(false)) checkpoint_at = unix_us_();
  if (auto error = trail_->write(group, checkpoint_at)) return error;
  durable_seq_.store(trail_->last_seq(), std::memory_order_release);
  if (!notary_) return std::nullopt;
  ahead_ = trail_->is_ahead();
  if (auto made = trail_->take_checkpoint()) notary_->deliver(std::move(*made));
  return std::nullopt;
}

// The last word, about everything.
void Writer::end_signed() {
  checkpoint_wanted_ = true;
  static_cast<void>(write_group({}));
}

// False: stopped while the log had failed.
bool Writer::write(const std::vector<Entry>& batch, Ticket last) {
  Ticket ticket = last - batch.size();
  for (std::size_t done = 0; done < batch.size();) {
    const std::size_t count = group_size(batch, done);
    if (const auto error = write_group(std::span(batch).subspan(done, count))) {
      fail(*error, batch[done].now_us);
      return !failed_;
    }
    done += count;
    ticket += count;
    fates_.settle(ticket);
    progress();
  }
  return true;
}

// Comes back when the log works again, or at the end.
void Writer::fail(const IoError& error, std::int64_t now_us) {
  const Ticket first_lost = fates_.settled() + 1;
  failures_.fetch_add(1, std::memory_order_acq_rel);  // before anybody hears of it, or of its end
  failed_.store(true, std::memory_order_release);  // before the queue closes: who gets ticket 0 sees why
  const Ticket last = queue_.close();
  fates_.lose(first_lost, last);
  progress();

  for (std::uint64_t seconds = 1; !queue_.stopped_within(kRetry); ++seconds) {
    const std::int64_t now = now_us + static_cast<std::int64_t>(seconds) * 1'000'000;
    if (trail_->mend({log_degraded(error.step, error.number, seconds, last + 1 - first_lost), now})) continue;
    durable_seq_.store(trail_->last_seq(), std::memory_order_release);
    queue_.reopen();
    failed_.store(false, std::memory_order_release);
    return progress();
  }
}

void Writer::progress() {
  { const std::lock_guard lock(flush_mutex_); }  // nobody is between looking and waiting
  settled_.notify_all();
  if (on_progress_) on_progress_();
}

}  // namespace pgward::audit
