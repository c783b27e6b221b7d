#include "proxy/net/reactor.h"

#include <openssl/rand.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "protocol/startup.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kPlanCacheBytes = 64u << 20;
constexpr std::int64_t kTickUs = 1'000'000;
// Connections for cancelling at once; who holds a good key must not be able to open any number.
constexpr std::size_t kCancelLinksMax = 256;

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed) != 1) throw std::runtime_error("no random bytes");
  return seed;
}

// For ticks: a step of the wall clock must not stop them.
std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

// An eventfd: how other threads wake this one.
class Reactor::Bell : public Handler {
 public:
  Bell(Poller& poller, std::function<void()> answer) : poller_(poller), answer_(std::move(answer)), fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
    // Edge-triggered: each ring is told once, and the counter need not be read back.
    poller_.add(fd_.get(), EPOLLIN | EPOLLET, *this);
  }
  ~Bell() override { poller_.remove(fd_.get(), *this); }
  void ring() { eventfd_write(fd_.get(), 1); }
  void on_events(std::uint32_t) override { answer_(); }

 private:
  Poller& poller_;
  std::function<void()> answer_;
  Fd fd_;
};

Reactor::Reactor(Common& common, std::shared_ptr<const NetWorld> net)
    : common_(common), net_(std::move(net)), gate_(kPlanCacheBytes, random_seed()), buffer_(new char[kBufferBytes]),
      bell_(std::make_unique<Bell>(poller_, [this] { work_off_mail(); })) {}

Reactor::~Reactor() = default;

std::int64_t Reactor::now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Reactor::run() {
  thread_ = std::this_thread::get_id();
  // Read once a round: a tick may come late by what the events of a round take, which is less than it may take itself.
  std::int64_t now = steady_us();
  ticked_at_us_.store(now, std::memory_order_relaxed);
  next_tick_us_ = now + kTickUs;
  while (!stop_.load(std::memory_order_relaxed)) {
    poller_.wait(commit(std::chrono::microseconds(std::clamp<std::int64_t>(next_tick_us_ - now, 0, kTickUs))));
    now = steady_us();
    if (now >= next_tick_us_) tick();
    if (!retired_.empty() || !cancel_links_.empty()) bury();
  }
  links_.clear();
}

void Reactor::tick() {
  ticked_at_us_.store(steady_us(), std::memory_order_relaxed);
  next_tick_us_ = steady_us() + kTickUs;
  ask_the_clock();
  for (auto& cancel : cancel_links_) cancel->on_clock();
  planned(nullptr);  // other reactors may have made room
}

void Reactor::ask_the_clock() {
  std::vector<Link*> all;
  all.reserve(links_.size());
  for (auto& [link, owned] : links_) all.push_back(link);
  for (Link* link : all)
    if (!link->retired()) link->on_clock();
}

// Links that are over, once nobody is inside one of their functions.
void Reactor::bury() {
  for (Link* link : retired_) {
    std::erase(waiting_, link);
    std::erase(unplanned_, link);
    if (links_.erase(link) != 0) {
      links_count_.fetch_sub(1, std::memory_order_relaxed);
      common_.sessions.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  retired_.clear();
  std::erase_if(cancel_links_, [](const auto& cancel) { return cancel->done(); });
}

void Reactor::run_elsewhere(Link& link, std::shared_ptr<Job> job) {
  // The link may be gone by then, and another one in its place, which is none the worse for being asked.
  const auto then = [this, it = &link] { post([this, it] { planned(it); }); };
  JobPool* pool = job->waits_for_disk() ? common_.key_finders : common_.parsers;
  if (pool == nullptr) {
    job->run();
    then();
  } else if (!pool->submit(job, then)) {
    job->turn_away();
    unplanned_.push_back(&link);
  }
}

void Reactor::planned(Link* link) {
  std::vector<Link*> again;
  again.swap(unplanned_);
  if (link != nullptr) again.insert(again.begin(), link);
  for (Link* one : again)
    if (links_.contains(one) && !one->retired()) one->on_news();
}

void Reactor::news() {
  post([this] {
    std::vector<Link*> all;
    for (auto& [link, owned] : links_) all.push_back(link);
    for (Link* link : all)
      if (!link->retired()) link->on_news();
  });
}

void Reactor::log_moved() {
  woken_.swap(waiting_);
  for (Link* link : woken_)
    if (!link->retired()) link->on_log_progress();
  woken_.clear();
  // Not earlier: one that waits again, for a younger record, looks at its fate first, and news that comes between
  // that and its saying so must ring as well.
  if (waiting_.empty()) awaits_log_.store(false);
}

// Writes what the links wait for, once they have nothing else to do. In how long to look again, at the latest.
std::chrono::microseconds Reactor::commit(std::chrono::microseconds longest) {
  if (!owes_commit_) return longest;
  const auto left = common_.log->commit();
  owes_commit_ = left.has_value();
  if (!std::exchange(moved_here_, false)) return left ? std::min(*left, longest) : longest;
  log_moved();
  return owes_commit_ ? std::chrono::microseconds{0} : longest;
}

void Reactor::work_off_mail() {
  if (log_moved_.exchange(false)) log_moved();
  std::vector<std::function<void()>> mail;
  {
    std::lock_guard lock(mail_mutex_);
    mail.swap(mail_);
  }
  for (auto& task : mail) task();
}

void Reactor::post(std::function<void()> task) {
  {
    std::lock_guard lock(mail_mutex_);
    mail_.push_back(std::move(task));
  }
  bell_->ring();
}

void Reactor::wake() {
  if (thread_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    moved_here_ = true;
    return;
  }
  if (awaits_log_.load() && !log_moved_.exchange(true)) bell_->ring();
}

void Reactor::adopt(Fd client, ListenerRules rules, audit::Source source, Admission::Slot slot) {
  links_count_.fetch_add(1, std::memory_order_relaxed);
  common_.sessions.fetch_add(1, std::memory_order_relaxed);
  struct Arrival {
    Fd client;
    Admission::Slot slot;
  };
  // std::function wants what can be copied.
  auto shared = std::make_shared<Arrival>(Arrival{std::move(client), std::move(slot)});
  post([this, shared, rules, source = std::move(source)] {
    auto link = std::make_unique<Link>(*this, std::move(shared->client), rules, source, std::move(shared->slot));
    Link* raw = link.get();
    links_.emplace(raw, std::move(link));
    raw->begin();
  });
}

void Reactor::renew(std::shared_ptr<const NetWorld> net) {
  post([this, net = std::move(net)] { net_ = net; });
}

void Reactor::revoke(std::shared_ptr<const auth::Revocations> list) {
  post([this, list = std::move(list)] {
    revocations_ = list;
    ask_the_clock();
  });
}

void Reactor::shut_down(bool now) {
  post([this, now] {
    std::vector<Link*> all;
    for (auto& [link, owned] : links_) all.push_back(link);
    for (Link* link : all)
      if (!link->retired()) link->on_shutdown(now);
  });
}

void Reactor::stop() {
  stop_.store(true, std::memory_order_relaxed);
  bell_->ring();
}

std::string Reactor::random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("no random bytes");
  return bytes;
}

Bytes Reactor::register_cancel(std::uint32_t pid, ByteView server_key, std::size_t key_bytes) {
  Bytes ours = random_bytes(key_bytes);
  common_.cancels.add(pid, ours, Bytes(server_key));
  return ours;
}

void Reactor::forward_cancel(std::uint32_t pid, const Bytes& key, Stream client) {
  const auto server_key = common_.cancels.find(pid, key);
  if (!server_key || cancel_links_.size() >= kCancelLinksMax) return;
  Bytes request;
  protocol::encode_cancel_request(request, pid, *server_key);
  auto cancel = std::make_unique<CancelLink>(poller_, std::move(client), new_connector(),
                                             net_->upstream_tls, net_->upstream.host, std::move(request));
  cancel->begin();
  cancel_links_.push_back(std::move(cancel));
}

}  // namespace pgward::proxy
