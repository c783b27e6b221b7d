#include "audit/merkle_proof.h"

#include <algorithm>
#include <bit>

namespace pgward::audit {
namespace {

// Where a tree of so many records (two at least) is parted: the largest power of two below.
std::uint64_t split(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

std::optional<std::vector<MerkleSpan>> inclusion_spans(std::uint64_t index, std::uint64_t size) {
  if (index >= size) return std::nullopt;
  std::vector<MerkleSpan> spans;
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split(end - begin);
    spans.push_back(index < middle ? MerkleSpan{middle, end} : MerkleSpan{begin, middle});
    (index < middle ? end : begin) = middle;
  }
  std::reverse(spans.begin(), spans.end());
  return spans;
}

std::optional<std::vector<MerkleSpan>> consistency_spans(std::uint64_t old_size, std::uint64_t size) {
  if (old_size == 0 || old_size > size) return std::nullopt;
  std::vector<MerkleSpan> spans;
  std::uint64_t begin = 0, end = size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split(end - begin);
    spans.push_back(old_size <= middle ? MerkleSpan{middle, end} : MerkleSpan{begin, middle});
    (old_size <= middle ? end : begin) = middle;
  }
  // Who checks has the root of the old tree: it is left out where that is what comes first.
  if (begin > 0) spans.push_back({begin, end});
  std::reverse(spans.begin(), spans.end());
  return spans;
}

void MerkleNodes::add(const MerkleRange& range) {
  for (const auto& node : range.nodes()) nodes_.insert_or_assign({node.begin, node.level}, node.hash);
}

std::optional<Hash> MerkleNodes::root(MerkleSpan span) const {
  if (span.begin >= span.end) return std::nullopt;
  const std::uint64_t size = span.end - span.begin;
  if (std::has_single_bit(size)) {
    const auto found = nodes_.find({span.begin, static_cast<unsigned>(std::countr_zero(size))});
    if (found != nodes_.end()) return found->second;
    if (size == 1) return std::nullopt;
  }
  const std::uint64_t middle = span.begin + split(size);
  const auto left = root({span.begin, middle});
  const auto right = left ? root({middle, span.end}) : std::nullopt;
  return right ? std::optional(node_hash(*left, *right)) : std::nullopt;
}

std::optional<MerklePath> MerkleNodes::roots(std::span<const MerkleSpan> spans) const {
  MerklePath path;
  for (const MerkleSpan& span : spans) {
    const auto hash = root(span);
    if (!hash) return std::nullopt;
    path.push_back(*hash);
  }
  return path;
}

std::optional<Hash> root_of_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> path) {
  if (index >= size) return std::nullopt;
  std::uint64_t place = index, last = size - 1;
  Hash root = leaf;
  for (const Hash& other : path) {
    if (last == 0) return std::nullopt;
    if ((place & 1) != 0 || place == last) {
      root = node_hash(other, root);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      root = node_hash(root, other);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 ? std::optional(root) : std::nullopt;
}

bool is_consistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root,
                   std::span<const Hash> path) {
  if (old_size > size) return false;
  if (old_size == size) return path.empty() && old_root == root;
  if (old_size == 0) return path.empty() && old_root == sha256({});
  std::uint64_t place = old_size - 1, last = size - 1;
  for (; (place & 1) != 0; place >>= 1) last >>= 1;
  if (place != 0 && path.empty()) return false;
  Hash of_old = place != 0 ? path.front() : old_root, of_new = of_old;
  for (const Hash& other : path.subspan(place != 0 ? 1 : 0)) {
    if (last == 0) return false;
    if ((place & 1) != 0 || place == last) {
      of_old = node_hash(other, of_old);
      of_new = node_hash(other, of_new);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      of_new = node_hash(of_new, other);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && of_old == old_root && of_new == root;
}

}  // namespace pgward::audit
