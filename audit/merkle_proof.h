// Proofs over the tree of RFC 6962: that a record is in it, and that a tree begins with all of an older one.
//
//   spans = inclusion_spans(index, size) or consistency_spans(old_size, size)
//   the proof is the root of each span, in this order: from MerkleNodes where enough is known, or by hashing the records
//
// Checking a proof needs nothing else (algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "audit/merkle.h"

namespace pgward::audit {

using MerklePath = std::vector<Hash>;
struct MerkleSpan {
  std::uint64_t begin = 0, end = 0;  // records from 0; a subtree of the tree
};

// Nothing: there is no such record, or no such older tree.
std::optional<std::vector<MerkleSpan>> inclusion_spans(std::uint64_t index, std::uint64_t size);
std::optional<std::vector<MerkleSpan>> consistency_spans(std::uint64_t old_size, std::uint64_t size);

// Roots of subtrees that are known.
class MerkleNodes {
 public:
  void add(const MerkleRange& range);
  std::optional<Hash> root(MerkleSpan span) const;  // nothing: too little is known
  std::optional<MerklePath> roots(std::span<const MerkleSpan> spans) const;

 private:
  std::map<std::pair<std::uint64_t, unsigned>, Hash> nodes_;  // by first record and level
};

// The root that such a path leads to; nothing: it has another length than it must.
std::optional<Hash> root_of_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> path);
bool is_consistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root,
                   std::span<const Hash> path);

}  // namespace pgward::audit
