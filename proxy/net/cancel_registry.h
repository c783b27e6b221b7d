// Cancel keys of our own, and the server's behind them. Shared by all reactors.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <openssl/crypto.h>

#include "protocol/bytes.h"

namespace pgward::proxy {

class CancelRegistry {
 public:
  void add(std::uint32_t pid, protocol::Bytes ours, protocol::Bytes server) {
    std::lock_guard lock(mutex_);
    entries_.insert_or_assign(pid, Entry{std::move(ours), std::move(server)});
  }
  void remove(std::uint32_t pid, protocol::ByteView ours) {
    std::lock_guard lock(mutex_);
    auto entry = entries_.find(pid);
    // The server may have given the number to a newer session already.
    if (entry != entries_.end() && entry->second.ours == ours) entries_.erase(entry);
  }
  // The server's key, when `key` is the one that we gave to that session. Compared in constant time.
  std::optional<protocol::Bytes> find(std::uint32_t pid, protocol::ByteView key) const {
    std::lock_guard lock(mutex_);
    auto entry = entries_.find(pid);
    if (entry == entries_.end() || entry->second.ours.size() != key.size()) return std::nullopt;
    if (CRYPTO_memcmp(entry->second.ours.data(), key.data(), key.size()) != 0) return std::nullopt;
    return entry->second.server;
  }

 private:
  struct Entry {
    protocol::Bytes ours, server;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, Entry> entries_;
};

}  // namespace pgward::proxy
