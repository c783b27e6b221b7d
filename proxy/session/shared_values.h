// Values that never change, kept once for all who hold equal ones: thousands of sessions wait with what they rest on.
//
//   SharedValues<Bound> all;
//   held = all.share(std::move(made), hash);    an equal one that somebody still holds, or else this one
//
// Not thread-safe. What nobody holds any more goes at once; the place where it was noted is cleared as others come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <unordered_map>

namespace pgward::proxy {

template <class T>
class SharedValues {
 public:
  // Equal values have equal hashes.
  std::shared_ptr<const T> share(std::shared_ptr<const T> value, std::size_t hash) {
    if (noted_.size() >= sweep_at_) sweep();
    auto [one, last] = noted_.equal_range(hash);
    while (one != last) {
      const auto other = one->second.lock();
      if (other && *other == *value) return other;
      one = other ? std::next(one) : noted_.erase(one);
    }
    noted_.emplace(hash, value);
    return value;
  }
  std::size_t noted() const { return noted_.size(); }

 private:
  static constexpr std::size_t kSweepAtLeast = 64;
  // Whenever there may be as many that are gone as there are others.
  void sweep() {
    std::erase_if(noted_, [](const auto& one) { return one.second.expired(); });
    sweep_at_ = std::max(kSweepAtLeast, 2 * noted_.size());
  }

  std::unordered_multimap<std::size_t, std::weak_ptr<const T>> noted_;
  std::size_t sweep_at_ = kSweepAtLeast;
};

}  // namespace pgward::proxy
