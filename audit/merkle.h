// The tree of RFC 6962 over the records of a log, in the little that is needed to grow it: of a range of records
// the roots of its largest whole subtrees, at most two of a size. For a range from 0 on that is the "frontier".
//
//   MerkleRange tree;  tree.append(leaf_hash(line)) ...;  tree.root()
//   tree.extend(next)  a range that begins where this one ends
//
// A value: about 40 bytes for each doubling of the number of records.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audit/sha256.h"

namespace pgward::audit {

class MerkleRange {
 public:
  struct Node {
    std::uint64_t begin = 0;  // first record under it
    unsigned level = 0;       // 2^level records
    Hash hash{};
  };

  explicit MerkleRange(std::uint64_t begin = 0) : begin_(begin), end_(begin) {}
  // The whole tree of so many records from the hashes of its frontier, largest first; nothing: not so many as there
  // have to be.
  static std::optional<MerkleRange> of_frontier(std::uint64_t size, std::span<const Hash> hashes);

  void append(const Hash& leaf) { add(0, leaf); }
  // What of it stands from `begin` on, where one of its subtrees begins.
  MerkleRange from(std::uint64_t begin) const;
  void extend(const MerkleRange& next);  // next.begin() is end()

  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  const std::vector<Node>& nodes() const { return nodes_; }  // from left to right
  // Of the tree, or of a subtree that begins at begin(). That of no record is the hash of nothing.
  Hash root() const;

 private:
  void add(unsigned level, const Hash& hash);

  std::uint64_t begin_, end_;
  std::vector<Node> nodes_;
};

}  // namespace pgward::audit
