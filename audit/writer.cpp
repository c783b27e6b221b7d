#include "audit/writer.h"

#include <span>

#include "audit/limits.h"
#include "audit/log_record.h"

namespace pgward::audit {
namespace {

constexpr std::chrono::seconds kRetry{1};
// The longest that a group may take of late for others than the log's own thread to write one: they have more to do.
constexpr std::int64_t kInPlaceUsMax = 500;

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
      steady_us_(std::move(config.steady_us)),
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
  while (queue_.wait(std::chrono::microseconds(sync_us_))) {
    const std::lock_guard role(writing_);
    write();
    if (failure_ && !mend(*std::exchange(failure_, std::nullopt))) return;
  }
  const std::lock_guard role(writing_);
  if (notary_) end_signed();
}

std::optional<std::chrono::microseconds> Writer::commit() {
  if (steady_us_ && sync_us_ <= kInPlaceUsMax) {
    const auto left = queue_.due(std::chrono::microseconds(steady_us_()), std::chrono::microseconds(sync_us_));
    if (!left || left->count() > 0) return left;
    std::unique_lock role(writing_, std::try_to_lock);
    if (role && !failure_) write();
  }
  queue_.hand_over();  // what came meanwhile, or everything
  return std::nullopt;
}

void Writer::write() {
  Ticket last = 0;
  queue_.take(batch_, last);
  if (batch_.empty()) return;
  const std::int64_t began = steady_us_ ? steady_us_() : 0;
  write_batch(last);
  if (steady_us_) sync_us_ = (7 * sync_us_ + steady_us_() - began) / 8;
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

void Writer::write_batch(Ticket last) {
  Ticket ticket = last - batch_.size();
  for (std::size_t done = 0; done < batch_.size();) {
    const std::size_t count = group_size(batch_, done);
    if (const auto error = write_group(std::span(batch_).subspan(done, count))) return fail(*error, batch_[done].now_us);
    done += count;
    ticket += count;
    fates_.settle(ticket);
    progress();
  }
}

void Writer::fail(const IoError& error, std::int64_t now_us) {
  const Ticket first_lost = fates_.settled() + 1;
  failures_.fetch_add(1, std::memory_order_acq_rel);  // before anybody hears of it, or of its end
  failed_.store(true, std::memory_order_release);  // before the queue closes: who gets ticket 0 sees why
  const Ticket last = queue_.close();
  fates_.lose(first_lost, last);
  failure_ = {error, now_us, last + 1 - first_lost};
  progress();
}

// Comes back when the log works again. False: stopped while it had failed.
bool Writer::mend(const Failure& failure) {
  for (std::uint64_t seconds = 1; !queue_.stopped_within(kRetry); ++seconds) {
    const std::int64_t now = failure.now_us + static_cast<std::int64_t>(seconds) * 1'000'000;
    if (trail_->mend({log_degraded(failure.error.step, failure.error.number, seconds, failure.lost), now})) continue;
    durable_seq_.store(trail_->last_seq(), std::memory_order_release);
    queue_.reopen();
    failed_.store(false, std::memory_order_release);
    progress();
    return true;
  }
  return false;
}

void Writer::progress() {
  { const std::lock_guard lock(flush_mutex_); }  // nobody is between looking and waiting
  settled_.notify_all();
  if (on_progress_) on_progress_();
}

}  // namespace pgward::audit
