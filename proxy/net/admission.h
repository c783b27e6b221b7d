// Who may come in: counts connections in total and per address, and those that have not logged in yet. Shared by the
// thread that accepts and the reactors.
//
//   Admission::Slot slot = admission.enter(group);    with each accepted connection
//   slot.verdict()                                    what becomes of it
//   slot.logged_in();                                 once its session relays; the slot's end gives all back
//
// A connection above the limits is let in as far as its StartupMessage and hears 53300 there, inside TLS: a driver can
// show it, and a CancelRequest, which needs no place, still gets through. Only when too many are on their way in at
// once is it turned away at the door: that costs nothing, and it is what bounds everything before a log-in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "proxy/net/addresses.h"

namespace pgward::proxy {

struct AdmissionLimits {
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 10'000;
  std::size_t logging_in = 1'000;
  std::size_t logging_in_per_address = 1'000;
  std::size_t per_second = 1'000;  // new ones, of all: what is above waits for nobody, and those who are in do not wait for it
};

// The address that counts as one: of IPv6 the first 64 bits, since whoever has one of these has them all. Empty for
// Unix sockets, whose clients have no address of their own.
std::string address_group(const Address& peer);

class Admission {
 public:
  enum class Verdict { welcome, full, turned_away };

  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), group_(std::move(other.group_)),
          verdict_(other.verdict_), logging_in_(other.logging_in_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() { leave(); }
    Verdict verdict() const { return verdict_; }
    void logged_in();

   private:
    friend class Admission;
    Slot(Admission* admission, std::string group, Verdict verdict)
        : admission_(admission), group_(std::move(group)), verdict_(verdict), logging_in_(admission != nullptr) {}
    void leave();
    Admission* admission_ = nullptr;
    std::string group_;
    Verdict verdict_ = Verdict::turned_away;
    bool logging_in_ = false;
  };

  explicit Admission(AdmissionLimits limits) : limits_(limits) {}
  // `now_ms` of a steady clock.
  Slot enter(std::string group, std::int64_t now_ms = 0);

 private:
  struct Count {
    std::size_t connections = 0;
    std::size_t logging_in = 0;
  };
  void change(const std::string& group, int connections, int logging_in);

  AdmissionLimits limits_;
  std::mutex mutex_;
  bool too_fast(std::int64_t now_ms);

  Count all_;
  std::int64_t tokens_ = 0, filled_at_ms_ = 0;  // in thousandths of a connection; 0: not begun
  std::unordered_map<std::string, Count> groups_;
};

}  // namespace pgward::proxy
