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

// The first and the last eight bytes of a word: of a short one that is all of it, without a call to compare.
struct WordEnds {
  std::uint64_t first = 0, last = 0;
  std::size_t size = 0;

  explicit WordEnds(std::string_view word) : size(word.size()) {
    const char* const at = word.data();
    if (size >= 8) {
      first = load<std::uint64_t>(at);
      last = load<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
      first = load<std::uint32_t>(at);
      last = load<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
      first = load<std::uint8_t>(at) | std::uint64_t{load<std::uint8_t>(at + size / 2)} << 8;
      last = load<std::uint8_t>(at + size - 1);
    }
  }
  WordEnds() = default;

  bool operator==(const WordEnds&) const = default;
  bool are_all() const { return size <= 16; }
  std::uint64_t hash() const {
    std::uint64_t mixed = (first ^ (last * 0x9E3779B97F4A7C15U)) + size;
    mixed ^= mixed >> 32;
    mixed *= 0xD6E8FEB86659FD93U;
    return mixed ^ (mixed >> 29);
  }

 private:
  template <class Number>
  static Number load(const char* at) {
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
  }
};

// A word with something that it means.
template <class Value>
class WordMap {
 public:
  void insert(std::string_view word, Value value) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    const WordEnds ends{word};
    Slot& slot = slots_[find(word, ends)];
    if (slot.word.data() == nullptr) ++count_;
    slot = Slot{word, ends, value};
  }

  const Value* get(std::string_view word) const {
    if (slots_.empty() || word.data() == nullptr) return nullptr;
    const Slot& slot = slots_[find(word, WordEnds{word})];
    return slot.word.data() == nullptr ? nullptr : &slot.value;
  }

  bool contains(std::string_view word) const { return get(word) != nullptr; }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::string_view word;
    WordEnds ends;
    Value value{};
  };

  std::size_t find(std::string_view word, const WordEnds& ends) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = ends.hash() & mask;
    while (slots_[at].word.data() != nullptr && !(slots_[at].ends == ends && (ends.are_all() || slots_[at].word == word)))
      at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.word.data() != nullptr) slots_[find(slot.word, slot.ends)] = slot;
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
