// Names of prepared statements or portals, while messages about them are in flight.
//
// What a name means on the server follows ParseComplete and CloseComplete, not Parse and Close; a client may
// pipeline a Bind behind a Parse that is still on its way. A later message may rely on one in flight only
// within the same segment (up to the next Sync): if the first fails there, the server skips the second as
// well. Across a Sync it may not: Parse S2 skipped after an error would leave the name with S1, and a Bind
// checked against S2 would run S1. Then the caller has to wait for the answers (Look::wait).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace pgward::proxy {

template <class T>
class NameTable {
 public:
  using Value = std::shared_ptr<const T>;
  enum class Look { found, missing, wait };

  Look find(std::string_view name, std::uint64_t segment, Value& value) const {
    auto slot = slots_.find(name);
    if (slot == slots_.end()) return Look::missing;
    const Slot& s = slot->second;
    if (s.in_flight != 0 && s.segment != segment) return Look::wait;
    value = s.in_flight != 0 ? s.latest : s.confirmed;
    return value ? Look::found : Look::missing;
  }

  // A message that gives the name this meaning (null: none) is on its way to the server.
  void started(const std::string& name, Value value, std::uint64_t segment) {
    Slot& slot = slots_[name];
    put(slot.latest, std::move(value));
    slot.segment = segment;
    ++slot.in_flight;
  }
  // It took effect.
  void succeeded(const std::string& name, Value value) {
    Slot& slot = slots_[name];
    put(slot.confirmed, std::move(value));
    settle(name, slot);
  }
  // It failed or was skipped: the name means what it meant before.
  void failed(const std::string& name) { settle(name, slots_[name]); }

  // Gone on the server for another reason (DEALLOCATE, end of transaction).
  void forget(const std::string& name) {
    auto slot = slots_.find(name);
    if (slot == slots_.end()) return;
    put(slot->second.confirmed, nullptr);
    if (slot->second.in_flight == 0) slots_.erase(slot);
  }
  void forget_all() {
    forget_if([](const T&) { return true; });
  }
  template <class Gone>
  void forget_if(Gone gone) {
    for (auto slot = slots_.begin(); slot != slots_.end();) {
      if (slot->second.confirmed && gone(*slot->second.confirmed)) put(slot->second.confirmed, nullptr);
      slot = unused(*slot) ? slots_.erase(slot) : std::next(slot);
    }
  }
  std::size_t size() const { return slots_.size(); }
  bool holds(std::string_view name) const { return slots_.contains(name); }
  std::size_t bytes() const { return bytes_; }  // of all values, by their own count

 private:
  struct Slot {
    Value confirmed;  // what the server answered
    Value latest;     // what the newest message in flight says; counts while in_flight > 0
    std::uint64_t segment = 0;
    unsigned in_flight = 0;
  };
  static std::size_t bytes_of(const Value& value) {
    if constexpr (requires(const T& held) { held.bytes(); })
      return value ? value->bytes() : 0;
    else
      return 0;
  }
  void put(Value& place, Value value) {
    bytes_ += bytes_of(value);
    bytes_ -= bytes_of(place);
    place = std::move(value);
  }
  void settle(const std::string& name, Slot& slot) {
    if (slot.in_flight > 0) --slot.in_flight;
    if (slot.in_flight > 0) return;
    put(slot.latest, nullptr);
    if (!slot.confirmed && !name.empty()) slots_.erase(name);
  }
  // The unnamed one is used by nearly every message: its slot stays.
  static bool unused(const std::pair<const std::string, Slot>& slot) {
    return slot.second.in_flight == 0 && !slot.second.confirmed && !slot.first.empty();
  }
  std::map<std::string, Slot, std::less<>> slots_;
  std::size_t bytes_ = 0;
};

}  // namespace pgward::proxy
