// A set of words that is asked a million times a second: open addressing, no allocation to look one up.
//
// insert() all words, then contains(). The set keeps views: the words must outlive it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace pgward::rules {

// A word with something that it means.
template <class Value>
class WordMap {
 public:
  void insert(std::string_view word, Value value) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[find(word)];
    if (slot.word.data() == nullptr) ++count_;
    slot = Slot{word, value};
  }

  const Value* get(std::string_view word) const {
    if (slots_.empty() || word.data() == nullptr) return nullptr;
    const Slot& slot = slots_[find(word)];
    return slot.word.data() == nullptr ? nullptr : &slot.value;
  }

  bool contains(std::string_view word) const { return get(word) != nullptr; }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::string_view word;
    Value value{};
  };

  // Length, first and last eight bytes tell nearly all words apart; equal ones are compared in full.
  static std::uint64_t hash(std::string_view word) {
    std::uint64_t first = 0, last = 0;
    const auto bytes = word.size() < 8 ? word.size() : 8;
    std::memcpy(&first, word.data(), bytes);
    std::memcpy(&last, word.data() + word.size() - bytes, bytes);
    std::uint64_t mixed = (first ^ (last * 0x9E3779B97F4A7C15U)) + word.size();
    mixed ^= mixed >> 32;
    mixed *= 0xD6E8FEB86659FD93U;
    return mixed ^ (mixed >> 29);
  }

  std::size_t find(std::string_view word) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash(word) & mask;
    while (slots_[at].word.data() != nullptr && slots_[at].word != word) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.word.data() != nullptr) slots_[find(slot.word)] = slot;
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

class WordSet {
 public:
  void insert(std::string_view word) { words_.insert(word, true); }
  bool contains(std::string_view word) const { return words_.contains(word); }
  std::size_t size() const { return words_.size(); }

 private:
  WordMap<bool> words_;
};

}  // namespace pgward::rules
