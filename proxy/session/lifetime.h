// When a session has to end by the clock: its credential has expired, nobody uses it, or it is older than any may get.
//
//   client_active(), server_active()   with each arrival of bytes: no clock is read there
//   due(now, expires_at, rest, limits) about once a second
//
// What the server would say is said (its SQLSTATE, its text): 57P05 idle-session timeout, 25P03 inside a transaction.
// For the rest it is 57P01, as when an administrator ends a session: pools take it for a connection that is gone and
// open another, with the credential that they have then. Class 28 would be more to the point, and would make them
// report a failed log-in to a user who was in.
#pragma once

#include <cstdint>
#include <optional>

#include "auth/identity.h"
#include "proxy/session/login_errors.h"

namespace pgward::proxy {

struct LifeLimits {
  std::int64_t idle_timeout_s = 30 * 60;
  std::int64_t maximum_s = 12 * 3600;   // renewed credentials or not
  std::int64_t expiry_grace_s = 10;     // for a statement that runs when the credential ends
};

// What a session is doing.
enum class Rest : std::uint8_t {
  idle,            // nothing runs, no transaction is open
  in_transaction,  // nothing runs, and one is
  awaits_client,   // a statement has begun that only the client can bring to its end: COPY data, a Sync
  busy,            // the server is at work
};

class Lifetime {
 public:
  explicit Lifetime(auth::UnixTime opened_at) : opened_at_(opened_at), active_at_(opened_at) {}
  void client_active() { active_ = client_spoke_last_ = true; }
  void server_active() {
    active_ = true;
    client_spoke_last_ = false;
  }
  // For a session whose bytes are not looked at: whoever spoke last waits.
  bool client_spoke_last() const { return client_spoke_last_; }
  std::int64_t age_s(auth::UnixTime now) const { return now - opened_at_; }

  std::optional<SessionError> due(auth::UnixTime now, auth::UnixTime expires_at, Rest rest, const LifeLimits& limits);

 private:
  auth::UnixTime opened_at_, active_at_;
  bool active_ = false;  // since due() was last asked
  bool client_spoke_last_ = false;
};

}  // namespace pgward::proxy
