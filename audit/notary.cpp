#include "audit/notary.h"

#include <algorithm>

#include "audit/log_record.h"

namespace pgward::audit {
namespace {
constexpr std::chrono::seconds kRetry{1};
}  // namespace

Notary::Notary(const SigningConfig& config, Desk desk) : config_(config), desk_(std::move(desk)), last_us_(config_.unix_us()) {
  for (const auto& anchor : config_.anchors) posts_.push_back({anchor, {}, 0, false});
  timekeeper_ = std::thread([this] { keep_time(); });
  carrier_ = std::thread([this] { carry(); });
}

Notary::~Notary() {
  end_timer();
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  arrived_.notify_one();
  carrier_.join();
}

void Notary::end_timer() {
  {
    const std::lock_guard lock(mutex_);
    timer_ends_ = true;
  }
  timer_.notify_one();
  if (timekeeper_.joinable()) timekeeper_.join();
}

void Notary::deliver(SignedCheckpoint checkpoint) {
  {
    const std::lock_guard lock(mutex_);
    last_us_ = checkpoint.checkpoint.time_us;
    if (!posts_.empty()) inbox_.push_back(std::move(checkpoint));
  }
  arrived_.notify_one();
}

void Notary::keep_time() {
  std::unique_lock lock(mutex_);
  while (!timer_.wait_for(lock, std::chrono::microseconds(config_.checkpoint_us), [this] { return timer_ends_; })) {
    const std::int64_t since = config_.unix_us() - last_us_;  // negative: somebody set the clock back
    const bool due = since < 0 || since >= config_.heartbeat_s * 1'000'000;
    lock.unlock();
    if (due || desk_.is_ahead()) desk_.want_checkpoint();
    lock.lock();
  }
}

// One for all since the last: of those between only a change of keys matters to who holds the log to its word.
void Notary::add(std::vector<SignedCheckpoint>& pending, const SignedCheckpoint& checkpoint) {
  if (pending.empty() || pending.back().checkpoint.next_key || pending.back().checkpoint.key) {
    pending.push_back(checkpoint);
    return;
  }
  MerkleRange since = pending.back().since;
  since.extend(checkpoint.since);
  pending.back() = checkpoint;
  pending.back().since = std::move(since);
}

void Notary::carry() {
  std::vector<SignedCheckpoint> arrived;
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      const bool waiting = std::any_of(posts_.begin(), posts_.end(), [](const Post& post) { return !post.pending.empty(); });
      const auto news = [this] { return !inbox_.empty() || ends_; };
      if (waiting) arrived_.wait_for(lock, kRetry, news);
      else arrived_.wait(lock, news);
      last = ends_;
      std::swap(arrived, inbox_);
    }
    for (Post& post : posts_) {
      for (const SignedCheckpoint& checkpoint : arrived) add(post.pending, checkpoint);
      tell(post);
    }
    arrived.clear();
    const std::int64_t now = config_.unix_us();
    const bool bar = std::any_of(posts_.begin(), posts_.end(), [&](const Post& post) {
      return post.refused || (config_.anchors_required && post.failing_since_us != 0 && now - post.failing_since_us >= config_.anchor_patience_s * 1'000'000);
    });
    if (bar != barred_) desk_.bar(barred_ = bar);
  }
}

void Notary::tell(Post& post) {
  while (!post.pending.empty()) {
    const auto fault = post.anchor->put(post.pending.front());
    news(post, fault);
    if (fault) return;
    post.pending.erase(post.pending.begin());
  }
}

void Notary::news(Post& post, const std::optional<AnchorFault>& fault) {
  const bool failed = post.failing_since_us != 0, refused = post.refused;
  post.failing_since_us = !fault ? 0 : failed ? post.failing_since_us : std::max<std::int64_t>(config_.unix_us(), 1);
  post.refused = fault && fault->refused;
  if (fault.has_value() == failed && post.refused == refused) return;
  desk_.record(fault ? log_anchor_failed(post.anchor->name(), fault->refused) : log_anchor_restored(post.anchor->name()));
  if (config_.on_anchor) config_.on_anchor(post.anchor->name(), fault ? &fault->reason : nullptr);
}

}  // namespace pgward::audit
