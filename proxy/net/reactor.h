// One thread, one epoll set, its own sessions and its own plan cache: nothing on the path of a message is
// shared with another thread but the audit log's queue.
//
// Order of calls: construct, run() in its own thread; from other threads only the functions marked so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "proxy/net/cancel_link.h"
#include "proxy/net/cancel_registry.h"
#include "proxy/net/job_pool.h"
#include "proxy/net/link.h"
#include "proxy/net/login_failures.h"
#include "proxy/net/tls_context.h"
#include "proxy/session/bound.h"
#include "proxy/session/shared_values.h"

namespace pgward::proxy {

// What changes on reload, as one piece.
struct NetWorld {
  std::shared_ptr<const World> world;
  std::shared_ptr<SSL_CTX> client_tls;    // null: no listener has TLS
  std::shared_ptr<SSL_CTX> upstream_tls;  // null: plaintext upstream
  std::map<std::string, std::shared_ptr<SSL_CTX>, std::less<>> upstream_tls_of;  // by user, of those with a certificate
  std::vector<Address> upstream_addresses;
  Upstream upstream;
};

// Shared by all reactors; outlives them.
struct Common {
  std::unique_ptr<audit::Log> log;
  AuditMode audit_mode = AuditMode::closed;
  std::atomic<std::uint64_t> reads_missed{0};  // answered without a record, ever
  CancelRegistry cancels;
  SessionLimits limits;
  TcpSettings tcp;
  std::unique_ptr<MessageMemory> message_memory, prepared_memory;
  rules::Scrubber scrubber;
  std::unique_ptr<LoginFailures> failures;
  std::atomic<std::size_t> sessions{0};
  JobPool* parsers = nullptr;  // null: large statements are planned on the reactor
  std::atomic<std::uint64_t> catalogs_begun{0}, catalogs_read{0};  // readings, counted
  std::function<void(Services::Suspicion)> on_suspicion;  // called from any reactor's thread, as these two are
  std::function<void(const std::string& id, EmergencyAccess, std::string members)> on_glass_broken;
  std::function<std::optional<EmergencyAccess>(std::string_view id)> emergency_access;
  KeySource subject_key;
  JobPool* key_finders = nullptr;  // null: on the reactor
};

class Reactor : public LinkHost, public Services {
 public:
  Reactor(Common& common, std::shared_ptr<const NetWorld> net);
  ~Reactor() override;

  void run();  // until stop()

  // From any thread:
  void adopt(Fd client, ListenerRules rules, audit::Source source, Admission::Slot slot);
  void renew(std::shared_ptr<const NetWorld> net);
  void revoke(std::shared_ptr<const auth::Revocations> list);  // and ends the sessions that it ends
  void wake();                     // the audit log moved
  void news();                     // the catalogs were read
  void shut_down(bool now);
  void stop();
  std::int64_t ticked_at_us() const { return ticked_at_us_.load(std::memory_order_relaxed); }  // steady; about once a second
  std::size_t links() const { return links_count_.load(std::memory_order_relaxed); }

  // LinkHost
  Poller& poller() override { return poller_; }
  audit::Log& log() override { return *common_.log; }
  std::int64_t now_us() override;
  Services& services() override { return *this; }
  SSL_CTX* client_tls() override { return net_->client_tls.get(); }
  SSL_CTX* upstream_tls() override { return net_->upstream_tls.get(); }
  SSL_CTX* upstream_tls_of(const std::string& user) override {
    const auto own = net_->upstream_tls_of.find(user);
    return own == net_->upstream_tls_of.end() ? upstream_tls() : own->second.get();
  }
  const std::string& upstream_host() override { return net_->upstream.host; }
  ServerConnector new_connector() override { return {net_->upstream_addresses, common_.tcp}; }
  char* read_buffer() override { return buffer_.get(); }
  std::size_t read_buffer_bytes() override { return kBufferBytes; }
  void forward_cancel(std::uint32_t pid, const Bytes& key, Stream client) override;
  void waits_for_log(Link& link) override {
    waiting_.push_back(&link);
    awaits_log_.store(true);
    owes_commit_ = true;
  }
  void run_elsewhere(Link& link, std::shared_ptr<Job> job) override;
  void retire(Link& link) override { retired_.push_back(&link); }

  // Services
  std::shared_ptr<const World> world() override { return net_->world; }
  const Upstream& upstream() override { return net_->upstream; }
  const SessionLimits& limits() override { return common_.limits; }
  MessageMemory& message_memory() override { return *common_.message_memory; }
  MessageMemory& prepared_memory() override { return *common_.prepared_memory; }
  const rules::Scrubber& scrubber() override { return common_.scrubber; }
  auth::VerifiedTokens& tokens() override { return tokens_; }
  std::shared_ptr<const auth::Revocations> revocations() override { return revocations_; }
  std::shared_ptr<const Bound> shared(std::shared_ptr<const Bound> bound) override {
    const std::size_t hash = bound->hash();
    return bounds_.share(std::move(bound), hash);
  }
  Gate& gate() override { return gate_; }
  bool audit_available() override { return !common_.log->failed(); }
  AuditMode audit_mode() override { return common_.audit_mode; }
  bool reads_may_go_on() override { return common_.log->failed() && !common_.log->barred(); }
  std::uint64_t audit_failures() override { return common_.log->failures(); }
  void reads_missed(std::uint64_t count) override { common_.reads_missed += count; }
  std::shared_ptr<KeyJob> find_key(audit::TenantNames tenant) override { return std::make_shared<KeyJob>(common_.subject_key, std::move(tenant)); }
  auth::UnixTime now() override { return now_us() / 1'000'000; }
  std::string random_bytes(std::size_t count) override;
  Bytes register_cancel(std::uint32_t pid, ByteView server_key, std::size_t key_bytes) override;
  std::int64_t login_failed(const std::string& address, const std::string& user) override {
    return common_.failures ? common_.failures->failed(address, user, now()) : 0;
  }
  void glass_broken(const std::string& id, EmergencyAccess access, std::string members) override {
    if (common_.on_glass_broken) common_.on_glass_broken(id, std::move(access), std::move(members));
  }
  std::optional<EmergencyAccess> emergency_access(std::string_view id) override {
    return common_.emergency_access ? common_.emergency_access(id) : std::nullopt;
  }
  void suspect_catalog(Suspicion what) override {
    if (common_.on_suspicion) common_.on_suspicion(what);
  }
  std::uint64_t next_catalog() override { return common_.catalogs_begun.load() + 1; }
  bool catalog_read(std::uint64_t number) override { return common_.catalogs_read.load() >= number; }
  void forget_cancel(std::uint32_t pid, ByteView our_key) override { common_.cancels.remove(pid, our_key); }

 private:
  static constexpr std::size_t kBufferBytes = 64 * 1024;
  class Bell;

  void post(std::function<void()> task);
  void ring();
  void work_off_mail();
  void log_moved();
  std::chrono::microseconds commit(std::chrono::microseconds longest);
  void tick();
  void ask_the_clock();
  void bury();
  void planned(Link* link);

  Common& common_;
  std::shared_ptr<const NetWorld> net_;
  Poller poller_;
  auth::VerifiedTokens tokens_;
  std::shared_ptr<const auth::Revocations> revocations_;
  SharedValues<Bound> bounds_;
  Gate gate_;
  std::unique_ptr<char[]> buffer_;
  std::unique_ptr<Bell> bell_;
  std::unordered_map<Link*, std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<CancelLink>> cancel_links_;
  std::vector<Link*> waiting_, woken_, retired_, unplanned_;
  std::atomic<std::size_t> links_count_{0};
  std::mutex mail_mutex_;
  std::vector<std::function<void()>> mail_;
  std::atomic<bool> awaits_log_{false};  // somebody waits: the log's news is worth a ring
  std::atomic<bool> log_moved_{false}, stop_{false};
  std::atomic<std::thread::id> thread_{};  // ours
  bool moved_here_ = false;                // the log, by our own doing
  bool owes_commit_ = false;               // for records of our links, which may be gone by then
  std::int64_t next_tick_us_ = 0;
  std::atomic<std::int64_t> ticked_at_us_{0};
};

}  // namespace pgward::proxy
