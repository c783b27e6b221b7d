// Plans by statement text and everything else that the answer depends on.
//
// One per thread (not thread-safe). find() first; on a miss plan(), then put(). The plan that find()
// returns is shared and immutable: a session may keep it while it is executed, whatever is evicted
// meanwhile.
//
// A text is found by itself, or by a planned text that differs in free literals only (policy/literals.h,
// policy/sql/free_literals.h): the same bytes between the literals, the same kinds, the same values of all that are
// not free. Never a fingerprint: all of that is compared, never only a hash. The hash is seeded, so that nobody can
// fill one bucket from outside.
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
  struct Found {
    std::shared_ptr<const Plan> plan;  // null: none
    // Of the text, for render(), when the plan was made for another of its shape. Good until the next find().
    const std::vector<Literal>* literals = nullptr;
  };

  explicit PlanCache(std::size_t bytes_max, std::uint64_t seed);
  Found find(const PlanKey& key);
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
    std::uint64_t shape = 0;  // key in shapes_, when by_values_ names this entry
    std::uint64_t values = 0;  // key in by_values_
    bool shaped = false;
    std::size_t bytes = 0;
    QueryProtocol protocol = QueryProtocol::simple;
    bool path_known = false;
    std::shared_ptr<const Plan> plan;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  using Index = std::unordered_multimap<std::uint64_t, Entries::iterator>;
  // Which literals plans of one shape were made for: how to hash a text before its plan is known.
  struct Fixed {
    std::vector<std::uint32_t> literals;  // by their index
    std::size_t entries = 0;
  };

  std::uint64_t hash(const PlanKey& key, std::uint64_t text) const;
  std::uint64_t shape_hash(std::string_view sql, const std::vector<Literal>& literals) const;
  std::uint64_t values_hash(std::uint64_t shape, std::string_view sql, const std::vector<Literal>& literals,
                            const std::vector<std::uint32_t>& fixed) const;
  static bool same_context(const Entry& entry, const PlanKey& key);
  static bool same_shape(const Entry& entry, std::string_view sql, const std::vector<Literal>& literals);
  Entries::iterator find_shape(const PlanKey& key);
  void add_shape(Entries::iterator entry, const PlanKey& key);
  void remove_shape(Entries::iterator entry);
  static void remove(Index& index, std::uint64_t hash, Entries::iterator entry);
  void evict_until(std::size_t bytes_allowed);
  void erase(Entries::iterator entry);

  std::size_t bytes_max_;
  std::uint64_t seed_;
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  Entries entries_;
  Index index_;      // by hash of the exact text
  Index by_values_;  // by hash of the shape and the literals that are not free
  std::unordered_map<std::uint64_t, std::vector<Fixed>> shapes_;
  std::vector<Literal> literals_;  // of the text asked for last
};

}  // namespace pgward::policy
