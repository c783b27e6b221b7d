#include "audit/merkle.h"

#include <bit>

namespace pgward::audit {

std::optional<MerkleRange> MerkleRange::of_frontier(std::uint64_t size, std::span<const Hash> hashes) {
  if (static_cast<std::size_t>(std::popcount(size)) != hashes.size()) return std::nullopt;
  MerkleRange range;
  for (const Hash& hash : hashes) range.add(static_cast<unsigned>(std::bit_width(size - range.end_)) - 1, hash);
  return range;
}

MerkleRange MerkleRange::from(std::uint64_t begin) const {
  MerkleRange rest(begin);
  for (const Node& node : nodes_)
    if (node.begin >= begin) rest.add(node.level, node.hash);
  return rest;
}

void MerkleRange::add(unsigned level, const Hash& hash) {
  nodes_.push_back({end_, level, hash});
  end_ += std::uint64_t{1} << level;
  while (nodes_.size() > 1) {
    Node& left = nodes_[nodes_.size() - 2];
    const Node& right = nodes_.back();
    // Two neighbours are one subtree when the left one has an even place on its level.
    if (left.level != right.level || (left.begin >> left.level & 1) != 0) break;
    left.hash = node_hash(left.hash, right.hash);
    ++left.level;
    nodes_.pop_back();
  }
}

void MerkleRange::extend(const MerkleRange& next) {
  for (const Node& node : next.nodes_) add(node.level, node.hash);
}

Hash MerkleRange::root() const {
  if (nodes_.empty()) return sha256({});
  Hash root = nodes_.back().hash;
  for (std::size_t n = nodes_.size() - 1; n-- > 0;) root = node_hash(nodes_[n].hash, root);
  return root;
}

}  // namespace pgward::audit
