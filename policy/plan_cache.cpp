#include "policy/plan_cache.h"

#include <algorithm>
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

// Lists of literals that plans of one shape were made for: more than a few means that values decide which values
// decide, and such a text is found by itself only.
constexpr std::size_t kFixedMax = 4;

std::string_view text_of(std::string_view sql, const Literal& literal) { return sql.substr(literal.at, literal.size); }

}  // namespace

PlanCache::PlanCache(std::size_t bytes_max, std::uint64_t seed) : bytes_max_(bytes_max), seed_(seed) {}

std::uint64_t PlanCache::hash(const PlanKey& key, std::uint64_t text) const {
  std::uint64_t state = hash_bytes(key.role, text);
  if (key.search_path != nullptr)
    for (const std::string& schema : *key.search_path) state = hash_bytes(schema, state);
  if (key.temporary != nullptr)
    for (const std::string& name : *key.temporary) state = hash_bytes(name, state ^ kTwo);
  return mix(state ^ key.snapshot, static_cast<std::uint64_t>(key.protocol) + kTwo);
}

// The bytes between the literals, and what kinds these are.
std::uint64_t PlanCache::shape_hash(std::string_view sql, const std::vector<Literal>& literals) const {
  std::uint64_t state = seed_ ^ kTwo;
  std::size_t done = 0;
  for (const Literal& literal : literals) {
    state = hash_bytes(sql.substr(done, literal.at - done), state + static_cast<std::uint64_t>(literal.kind));
    done = literal.end();
  }
  return hash_bytes(sql.substr(done), state);
}

std::uint64_t PlanCache::values_hash(std::uint64_t shape, std::string_view sql, const std::vector<Literal>& literals,
                                     const std::vector<std::uint32_t>& fixed) const {
  std::uint64_t state = mix(shape ^ seed_, kOne);
  for (const std::uint32_t index : fixed)
    state = index < literals.size() ? hash_bytes(text_of(sql, literals[index]), state + index) : 0;
  return state;
}

bool PlanCache::same_context(const Entry& entry, const PlanKey& key) {
  return entry.role == key.role && entry.protocol == key.protocol && entry.snapshot == key.snapshot &&
         entry.path_known == (key.search_path != nullptr) &&
         (key.search_path == nullptr || entry.search_path == *key.search_path) &&
         (key.temporary == nullptr ? entry.temporary.empty() : entry.temporary == *key.temporary);
}

bool PlanCache::same_shape(const Entry& entry, std::string_view sql, const std::vector<Literal>& literals) {
  const std::vector<Literal>& planned = entry.plan->literals;
  const std::string_view planned_sql = entry.sql;
  if (planned.size() != literals.size()) return false;
  std::size_t planned_done = 0;
  std::size_t done = 0;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const Literal& was = planned[i];
    const Literal& is = literals[i];
    if (was.kind != is.kind || planned_sql.substr(planned_done, was.at - planned_done) != sql.substr(done, is.at - done))
      return false;
    if (!was.free && text_of(planned_sql, was) != text_of(sql, is)) return false;
    planned_done = was.end();
    done = is.end();
  }
  return planned_sql.substr(planned_done) == sql.substr(done);
}

PlanCache::Found PlanCache::find(const PlanKey& key) {
  const auto [from, to] = index_.equal_range(hash(key, hash_bytes(key.sql, seed_)));
  for (auto it = from; it != to; ++it) {
    if (it->second->sql != key.sql || !same_context(*it->second, key)) continue;
    entries_.splice(entries_.begin(), entries_, it->second);
    ++hits_;
    return {it->second->plan, nullptr};
  }
  if (const auto entry = find_shape(key); entry != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, entry);
    ++hits_;
    return {entry->plan, &literals_};
  }
  ++misses_;
  return {};
}

PlanCache::Entries::iterator PlanCache::find_shape(const PlanKey& key) {
  if (shapes_.empty() || !find_literals(key.sql, literals_) || literals_.empty()) return entries_.end();
  const std::uint64_t shape = hash(key, shape_hash(key.sql, literals_));
  const auto known = shapes_.find(shape);
  if (known == shapes_.end()) return entries_.end();
  for (const Fixed& fixed : known->second) {
    const auto [from, to] = by_values_.equal_range(values_hash(shape, key.sql, literals_, fixed.literals));
    for (auto it = from; it != to; ++it)
      if (same_context(*it->second, key) && same_shape(*it->second, key.sql, literals_)) return it->second;
  }
  return entries_.end();
}

std::shared_ptr<const Plan> PlanCache::put(const PlanKey& key, Plan plan) {
  auto shared = std::make_shared<const Plan>(std::move(plan));
  const std::uint64_t hashed = hash(key, hash_bytes(key.sql, seed_));
  const auto [from, to] = index_.equal_range(hashed);
  for (auto it = from; it != to; ++it) {
    if (it->second->sql != key.sql || !same_context(*it->second, key)) continue;
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
  // The two other indexes, and a list of literals at most as long as theirs.
  if (!shared->literals.empty()) entry.bytes += 160 + shared->literals.size() * sizeof(std::uint32_t);
  if (entry.bytes > bytes_max_ / 4) return shared;
  evict_until(bytes_max_ - entry.bytes);
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  index_.emplace(hashed, entries_.begin());
  if (!shared->literals.empty()) add_shape(entries_.begin(), key);
  return shared;
}

void PlanCache::add_shape(Entries::iterator entry, const PlanKey& key) {
  const std::vector<Literal>& literals = entry->plan->literals;
  std::vector<std::uint32_t> fixed;
  for (std::size_t i = 0; i < literals.size(); ++i)
    if (!literals[i].free) fixed.push_back(static_cast<std::uint32_t>(i));
  entry->shape = hash(key, shape_hash(entry->sql, literals));
  entry->values = values_hash(entry->shape, entry->sql, literals, fixed);
  std::vector<Fixed>& known = shapes_[entry->shape];
  auto it = std::find_if(known.begin(), known.end(), [&](const Fixed& each) { return each.literals == fixed; });
  if (it == known.end()) {
    if (known.size() >= kFixedMax) return;
    it = known.insert(known.end(), Fixed{std::move(fixed), 0});
  }
  ++it->entries;
  by_values_.emplace(entry->values, entry);
  entry->shaped = true;
}

void PlanCache::remove_shape(Entries::iterator entry) {
  if (!entry->shaped) return;
  remove(by_values_, entry->values, entry);
  const std::vector<Literal>& literals = entry->plan->literals;
  const auto known = shapes_.find(entry->shape);
  const auto made_for = [&](const Fixed& each) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < literals.size(); ++i)
      if (!literals[i].free && (next >= each.literals.size() || each.literals[next++] != i)) return false;
    return next == each.literals.size();
  };
  const auto it = std::find_if(known->second.begin(), known->second.end(), made_for);
  if (--it->entries == 0) known->second.erase(it);
  if (known->second.empty()) shapes_.erase(known);
}

void PlanCache::remove(Index& index, std::uint64_t hash, Entries::iterator entry) {
  const auto [from, to] = index.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    if (it->second != entry) continue;
    index.erase(it);
    return;
  }
}

void PlanCache::erase(Entries::iterator entry) {
  remove(index_, entry->hash, entry);
  remove_shape(entry);
  bytes_ -= entry->bytes;
  entries_.erase(entry);
}

void PlanCache::evict_until(std::size_t bytes_allowed) {
  while (bytes_ > bytes_allowed && !entries_.empty()) erase(std::prev(entries_.end()));
}

void PlanCache::clear() {
  entries_.clear();
  index_.clear();
  by_values_.clear();
  shapes_.clear();
  bytes_ = 0;
}

}  // namespace pgward::policy
