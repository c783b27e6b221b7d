// Key sets of issuers that publish them by HTTPS: fetched, kept, and used no longer than their age allows.
//
//   text(url, now)   the newest document, fetched when the one at hand is older than `fresh_s` (or somebody came with a key
//                    that it does not hold: hurry()), but never more often than every `pause_s`
//
// An issuer that cannot be reached does not lock anybody out at once: what it said last holds for `stale_max_s` more. After
// that there is nothing, and none of its tokens is accepted.
//
// text() from one thread at a time; hurry() from any. Time is an argument.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "proxy/upstream/https_get.h"

namespace pgward::proxy {

struct KeySetSource {
  std::string url, ca_file;
  std::int64_t stale_max_s = 3600;
};

class KeySets {
 public:
  static constexpr std::int64_t kFreshS = 300, kPauseS = 10;
  using Fetch = std::function<std::variant<std::string, HttpsFault>(const KeySetSource&)>;
  // `fetch`: how a document is got and looked at; a fault keeps the one before.
  explicit KeySets(Fetch fetch) : fetch_(std::move(fetch)) {}

  struct Answer {
    std::optional<std::string> text;
    std::string fault;  // of this time's fetching; empty: none
  };
  Answer text(const KeySetSource& source, std::int64_t now_s);
  void hurry() { hurry_.store(true); }

 private:
  struct Kept {
    std::string text;
    bool there = false;
    std::int64_t fetched_at = 0, tried_at = 0;
  };
  Fetch fetch_;
  std::map<std::string, Kept> kept_;
  std::atomic<bool> hurry_{false};
};

// By HTTPS, and only what is a key set.
std::variant<std::string, HttpsFault> fetch_key_set(const KeySetSource& source);

}  // namespace pgward::proxy
