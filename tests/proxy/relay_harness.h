// A session machine with everything around it made up: messages in, a readable list of what it wants out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/mint.h"
#include "proxy/session/session.h"
#include "proxy/session/shared_values.h"

namespace pgward::proxy::test {

inline constexpr std::string_view kTenantA = "a0a0a0a0-0000-4000-8000-00000000000a";
inline constexpr std::string_view kTenantB = "b1b1b1b1-0000-4000-8000-00000000000b";

// public.patients (tenant clinic_id, PHI name), public.codes (shared), public.secret (not listed).
std::shared_ptr<const World> small_world();
// The same, and its patients are known by their id.
std::shared_ptr<const World> keyed_world();
Admitted admitted(const std::shared_ptr<const World>& world);

class FakeServices : public Services {
 public:
  explicit FakeServices(SessionLimits limits = {}, bool keyed = false) : limits_(limits), world_(keyed ? keyed_world() : small_world()), gate_(1u << 20, 1) { upstream_.databases = {"ehr"}; upstream_.tls = false; }
  std::shared_ptr<const World> world() override { return world_; }
  const Upstream& upstream() override { return upstream_; }
  const SessionLimits& limits() override { return limits_; }
  MessageMemory& message_memory() override { return memory_; }
  MessageMemory& prepared_memory() override { return prepared_memory_; }
  const rules::Scrubber& scrubber() override {
    static const rules::Scrubber shared;  // dear to make, and immutable
    return shared;
  }
  auth::VerifiedTokens& tokens() override { return tokens_; }
  std::shared_ptr<const Bound> shared(std::shared_ptr<const Bound> bound) override {
    const std::size_t hash = bound->hash();
    return bounds_.share(std::move(bound), hash);
  }
  Gate& gate() override { return gate_; }
  bool audit_available() override { return audit; }
  std::shared_ptr<KeyJob> find_key(audit::TenantNames tenant) override {
    auto job = std::make_shared<KeyJob>([this](const auto&) { return subject_key_; }, std::move(tenant));
    if (!keys_wait) job->run();
    return job;
  }
  auth::UnixTime now() override { return clock; }
  std::string random_bytes(std::size_t count) override { return std::string(count, 'r'); }
  Bytes register_cancel(std::uint32_t, ByteView, std::size_t key_bytes) override {
    Bytes key = "ours";
    key.resize(key_bytes, '.');
    return key;
  }
  void forget_cancel(std::uint32_t, ByteView) override { ++forgotten; }
  void suspect_catalog(Suspicion what) override { suspicions.push_back(what); }
  std::uint64_t next_catalog() override { return catalogs_begun + 1; }
  bool catalog_read(std::uint64_t number) override { return catalogs_read >= number; }
  std::int64_t login_failed(const std::string&, const std::string&) override { return failure_delay; }

  Admitted admitted_here() const {
    Admitted made = admitted(world_);
    made.subject_key = subject_key_;
    return made;
  }

  bool audit = true, keys_wait = false;
  auth::UnixTime clock = 1'800'000'000;
  int forgotten = 0;
  std::uint64_t catalogs_begun = 0, catalogs_read = 0;
  std::int64_t failure_delay = 0;
  std::vector<Suspicion> suspicions;
  Upstream upstream_;
  SessionLimits limits_;
  MessageMemory memory_{std::size_t{8} << 20}, prepared_memory_{std::size_t{1} << 20};
  std::shared_ptr<const World> world_;
  std::shared_ptr<const audit::SubjectKey> subject_key_ = std::make_shared<const audit::SubjectKey>("kid-1", std::string(32, 'k'));

 private:
  auth::VerifiedTokens tokens_;
  SharedValues<Bound> bounds_;
  Gate gate_;
};

// Client messages.
Bytes query(std::string_view sql);
Bytes parse(std::string_view name, std::string_view sql, const std::vector<std::uint32_t>& types = {});
Bytes bind_to(std::string_view portal, std::string_view statement, const std::vector<std::string>& values = {});
Bytes execute(std::string_view portal);
Bytes close_statement(std::string_view name);
Bytes sync();
// Server messages.
Bytes message(char type, std::string_view body = {});
Bytes complete(std::string_view tag);
Bytes ready(char status);
Bytes row(const std::vector<std::string>& values);
Bytes error(std::string_view sqlstate, std::string_view text, std::string_view extra = {});

// One line an action: "server Q select 1", "client Z I", "record! stmt.intent", "close why".
std::vector<std::string> lines(const Actions& actions);

// A relay with its services, fed with messages.
class RelayHarness {
 public:
  // `keyed`: over keyed_world().
  explicit RelayHarness(SessionLimits limits = {}, bool keyed = false);
  // Client bytes join what is left of earlier ones, as the session does it.
  std::vector<std::string> client(const Bytes& bytes);
  std::vector<std::string> server(const Bytes& bytes);
  void server(const Bytes& bytes, Actions& actions);  // which refer to the bytes
  void server(Bytes&& gone, Actions& actions) = delete;
  FakeServices services;
  std::size_t held() const { return in_.capacity(); }
  Relay relay;

 private:
  Inbox in_, out_;
};

}  // namespace pgward::proxy::test
