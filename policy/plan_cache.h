// Plans by exact statement text and everything else that the answer depends on.
//
// One per thread (not thread-safe). find() first; on a miss plan(), then put(). The plan that find()
// returns is shared and immutable: a session may keep it while it is executed, whatever is evicted
// meanwhile.
//
// Never a fingerprint: two texts that differ in one byte are two entries, and the whole key is compared,
// never only its hash. The hash is seeded, so that nobody can fill one bucket from outside.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/plan.h"

namespace pgward::policy {

struct PlanKey {
  std::string_view sql;
  std::string_view role;
  QueryProtocol protocol = QueryProtocol::simple;
  const std::vector<std::string>* search_path = nullptr;  // as in Question
  std::uint64_t snapshot = 0;  // number of the (policy, catalog) pair: a reload or refresh makes a new one
  const std::vector<std::string>* temporary = nullptr;  // as in Question; none and null are the same
};

class PlanCache {
 public:
  explicit PlanCache(std::size_t bytes_max, std::uint64_t seed);
  std::shared_ptr<const Plan> find(const PlanKey& key);
  // Returns the plan for use. Texts that would take more than a quarter of the cache are not kept.
  std::shared_ptr<const Plan> put(const PlanKey& key, Plan plan);
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

 private:
  struct Entry {
    std::string sql;
    std::string role;
    std::vector<std::string> search_path;
    std::vector<std::string> temporary;
    std::uint64_t snapshot = 0;
    std::uint64_t hash = 0;
    std::size_t bytes = 0;
    QueryProtocol protocol = QueryProtocol::simple;
    bool path_known = false;
    std::shared_ptr<const Plan> plan;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  std::uint64_t hash(const PlanKey& key) const;
  static bool same(const Entry& entry, const PlanKey& key);
  void evict_until(std::size_t bytes_allowed);
  void erase(Entries::iterator entry);

  std::size_t bytes_max_;
  std::uint64_t seed_;
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  Entries entries_;
  std::unordered_multimap<std::uint64_t, Entries::iterator> index_;
};

}  // namespace pgward::policy
