// Pseudonyms that were told of a statement, so that each is told once. Bounded: when it is full it forgets all, and what
// comes again is told again rather than left out.
#pragma once

#include <cstring>
#include <vector>

#include "audit/pseudonym.h"

namespace pgward::proxy {

class SeenKeys {
 public:
  // Whether it is new. `domain` keeps apart what is of one table and of another, a record's and a patient's.
  bool add(std::uint32_t domain, const audit::Pseudonym& pseudonym) {
    if (slots_.empty()) slots_.resize(8);  // most statements are about one patient
    if (count_ * 4 >= slots_.size() * 3) grow();
    return insert({domain + 1, pseudonym});
  }

  bool has(std::uint32_t domain, const audit::Pseudonym& pseudonym) const {
    if (slots_.empty()) return false;
    const Slot wanted{domain + 1, pseudonym};
    for (std::size_t i = place(wanted); slots_[i].domain != 0; i = next(i))
      if (slots_[i] == wanted) return true;
    return false;
  }

 private:
  static constexpr std::size_t kSlotsMax = 1u << 15;
  struct Slot {
    std::uint32_t domain = 0;  // 0: free
    audit::Pseudonym pseudonym{};
    bool operator==(const Slot&) const = default;
  };
  // They are evenly spread already, and nobody outside can choose them.
  std::size_t place(const Slot& slot) const {
    std::uint32_t hash = 0;
    std::memcpy(&hash, slot.pseudonym.data(), sizeof hash);
    return (hash + slot.domain * 0x9e3779b9u) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }
  bool insert(const Slot& slot) {
    for (std::size_t i = place(slot);; i = next(i)) {
      if (slots_[i] == slot) return false;
      if (slots_[i].domain != 0) continue;
      slots_[i] = slot;
      ++count_;
      return true;
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.size() < kSlotsMax ? slots_.size() * 4 : slots_.size());
    old.swap(slots_);
    count_ = 0;
    if (old.size() == slots_.size()) return;
    for (const Slot& slot : old)
      if (slot.domain != 0) insert(slot);
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace pgward::proxy
