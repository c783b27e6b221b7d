#include "policy/plan_cache.h"

#include <cstring>

namespace pgward::policy {
namespace {

// wyhash-like mixing: a 128-bit product folded to 64. The seed is secret and per process, which is what
// keeps chosen texts from colliding; equality never rests on the hash.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

constexpr std::uint64_t kOne = 0xa0761d6478bd642fULL;
constexpr std::uint64_t kTwo = 0xe7037ed1a0b428dbULL;

std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed) {
  std::uint64_t state = mix(seed ^ kOne, text.size() ^ kTwo);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 16; at += 16, left -= 16) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, at, 8);
    std::memcpy(&b, at + 8, 8);
    state = mix(a ^ kOne ^ seed, b ^ state);
  }
  std::uint64_t tail[2] = {0, 0};
  if (left > 0) std::memcpy(tail, at, left);
  return mix(tail[0] ^ kTwo ^ seed, tail[1] ^ state);
}

}  // namespace

PlanCache::PlanCache(std::size_t bytes_max, std::uint64_t seed) : bytes_max_(bytes_max), seed_(seed) {}

std::uint64_t PlanCache::hash(const PlanKey& key) const {
  std::uint64_t state = hash_bytes(key.sql, seed_);
  state = hash_bytes(key.role, state);
  if (key.search_path != nullptr)
    for (const std::string& schema : *key.search_path) state = hash_bytes(schema, state);
  if (key.temporary != nullptr)
    for (const std::string& name : *key.temporary) state = hash_bytes(name, state ^ kTwo);
  return mix(state ^ key.snapshot, static_cast<std::uint64_t>(key.protocol) + kTwo);
}

bool PlanCache::same(const Entry& entry, const PlanKey& key) {
  return entry.sql == key.sql && entry.role == key.role && entry.protocol == key.protocol &&
         entry.snapshot == key.snapshot && entry.path_known == (key.search_path != nullptr) &&
         (key.search_path == nullptr || entry.search_path == *key.search_path) &&
         (key.temporary == nullptr ? entry.temporary.empty() : entry.temporary == *key.temporary);
}

std::shared_ptr<const Plan> PlanCache::find(const PlanKey& key) {
  const auto [from, to] = index_.equal_range(hash(key));
  for (auto it = from; it != to; ++it) {
    if (!same(*it->second, key)) continue;
    entries_.splice(entries_.begin(), entries_, it->second);
    ++hits_;
    return it->second->plan;
  }
  ++misses_;
  return nullptr;
}

std::shared_ptr<const Plan> PlanCache::put(const PlanKey& key, Plan plan) {
  auto shared = std::make_shared<const Plan>(std::move(plan));
  const std::uint64_t hashed = hash(key);
  const auto [from, to] = index_.equal_range(hashed);
  for (auto it = from; it != to; ++it) {
    if (!same(*it->second, key)) continue;
    erase(it->second);
    break;
  }
  Entry entry;
  entry.sql = key.sql;
  entry.role = key.role;
  entry.path_known = key.search_path != nullptr;
  if (key.search_path != nullptr) entry.search_path = *key.search_path;
  if (key.temporary != nullptr) entry.temporary = *key.temporary;
  entry.snapshot = key.snapshot;
  entry.protocol = key.protocol;
  entry.hash = hashed;
  entry.plan = shared;
  entry.bytes = sizeof(Entry) + 64 + key.sql.size() + key.role.size() + shared->bytes();
  for (const std::string& schema : entry.search_path) entry.bytes += sizeof(schema) + schema.size();
  for (const std::string& name : entry.temporary) entry.bytes += sizeof(name) + name.size();
  if (entry.bytes > bytes_max_ / 4) return shared;
  evict_until(bytes_max_ - entry.bytes);
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  index_.emplace(hashed, entries_.begin());
  return shared;
}

void PlanCache::erase(Entries::iterator entry) {
  const auto [from, to] = index_.equal_range(entry->hash);
  for (auto it = from; it != to; ++it) {
    if (it->second != entry) continue;
    index_.erase(it);
    break;
  }
  bytes_ -= entry->bytes;
  entries_.erase(entry);
}

void PlanCache::evict_until(std::size_t bytes_allowed) {
  while (bytes_ > bytes_allowed && !entries_.empty()) erase(std::prev(entries_.end()));
}

void PlanCache::clear() {
  entries_.clear();
  index_.clear();
  bytes_ = 0;
}

}  // namespace pgward::policy
