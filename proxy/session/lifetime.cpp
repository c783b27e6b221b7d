#include "proxy/session/lifetime.h"

namespace pgward::proxy {

std::optional<SessionError> Lifetime::due(auth::UnixTime now, auth::UnixTime expires_at, Rest rest,
                                          const LifeLimits& limits) {
  const bool runs = rest == Rest::busy || rest == Rest::awaits_client;
  // A clock that was set back must not make a session older than it is, nor keep it from ever being idle.
  if (active_ || rest == Rest::busy || now < active_at_) active_at_ = now;
  active_ = false;
  const std::int64_t grace_s = runs ? limits.expiry_grace_s : 0;
  if (now >= expires_at + grace_s) return SessionError::credential_expired;
  if (now - opened_at_ >= limits.maximum_s + grace_s) return SessionError::session_too_old;
  if (now - active_at_ < limits.idle_timeout_s) return std::nullopt;
  return rest == Rest::idle ? SessionError::idle_timeout : SessionError::idle_in_transaction;
}

}  // namespace pgward::proxy
