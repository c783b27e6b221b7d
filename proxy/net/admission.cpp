#include "proxy/net/admission.h"

#include <netinet/in.h>

#include <algorithm>

namespace pgward::proxy {

std::string address_group(const Address& peer) {
  if (peer.family() == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in*>(&peer.storage)->sin_addr;
    return std::string(reinterpret_cast<const char*>(&address), sizeof address);
  }
  if (peer.family() != AF_INET6) return {};
  const auto& address = reinterpret_cast<const sockaddr_in6*>(&peer.storage)->sin6_addr;
  const char* bytes = reinterpret_cast<const char*>(&address);
  return IN6_IS_ADDR_V4MAPPED(&address) ? std::string(bytes + 12, 4) : std::string(bytes, 8);
}

// A bucket that holds a second's worth.
bool Admission::too_fast(std::int64_t now_ms) {
  const auto rate = static_cast<std::int64_t>(limits_.per_second);
  const std::int64_t full = rate * 1000;
  if (filled_at_ms_ == 0 || now_ms < filled_at_ms_ || now_ms - filled_at_ms_ >= 1000) tokens_ = full;
  else tokens_ = std::min(full, tokens_ + (now_ms - filled_at_ms_) * rate);
  filled_at_ms_ = now_ms;
  if (tokens_ < 1000) return true;
  tokens_ -= 1000;
  return false;
}

Admission::Slot Admission::enter(std::string group, std::int64_t now_ms) {
  std::lock_guard lock(mutex_);
  if (now_ms > 0 && too_fast(now_ms)) return Slot(nullptr, {}, Verdict::turned_away);
  const Count* own = nullptr;
  if (!group.empty()) own = &groups_[group];
  if (all_.logging_in >= limits_.logging_in || (own && own->logging_in >= limits_.logging_in_per_address)) {
    if (own && own->connections + own->logging_in == 0) groups_.erase(group);
    return Slot(nullptr, {}, Verdict::turned_away);
  }
  const bool full = all_.connections >= limits_.connections || (own && own->connections >= limits_.connections_per_address);
  change(group, full ? 0 : 1, 1);
  return Slot(this, std::move(group), full ? Verdict::full : Verdict::welcome);
}

void Admission::change(const std::string& group, int connections, int logging_in) {
  auto add = [&](Count& count) {
    count.connections += static_cast<std::size_t>(connections);
    count.logging_in += static_cast<std::size_t>(logging_in);
  };
  add(all_);
  if (group.empty()) return;
  const auto own = groups_.find(group);
  add(own->second);
  if (own->second.connections == 0 && own->second.logging_in == 0) groups_.erase(own);
}

void Admission::Slot::logged_in() {
  if (!logging_in_) return;
  logging_in_ = false;
  std::lock_guard lock(admission_->mutex_);
  admission_->change(group_, 0, -1);
}

void Admission::Slot::leave() {
  if (!admission_) return;
  std::lock_guard lock(admission_->mutex_);
  admission_->change(group_, verdict_ == Verdict::welcome ? -1 : 0, logging_in_ ? -1 : 0);
  admission_ = nullptr;
}

}  // namespace pgward::proxy
