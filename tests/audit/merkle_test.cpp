// The tree against its definition in RFC 6962, and each proof of it for all small sizes.
#include "audit/merkle.h"

#include <gtest/gtest.h>

#include "audit/merkle_proof.h"

namespace pgward::audit {
namespace {

constexpr std::uint64_t kMost = 70;

Hash leaf(std::uint64_t n) { return leaf_hash(std::to_string(n)); }

// MTH of RFC 6962, 2.1, word for word.
Hash by_definition(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return sha256({});
  if (end - begin == 1) return leaf(begin);
  std::uint64_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return node_hash(by_definition(begin, begin + k), by_definition(begin + k, end));
}

MerkleRange range(std::uint64_t begin, std::uint64_t end) {
  MerkleRange made(begin);
  for (std::uint64_t n = begin; n < end; ++n) made.append(leaf(n));
  return made;
}

// All there is to know.
MerkleNodes nodes() {
  MerkleNodes all;
  for (std::uint64_t n = 0; n < kMost; ++n) all.add(range(n, n + 1));
  return all;
}

// Test vectors of the certificate-transparency code, which most implementations carry.
TEST(Merkle, KnownRoots) {
  const std::string_view entries[] = {{"", 0}, {"\x00", 1}, {"\x10", 1}, {"\x20\x21", 2}, {"\x30\x31", 2},
                                      {"\x40\x41\x42\x43", 4}, {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
                                      {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleRange tree;
  EXPECT_EQ(hex_of(tree.root()), roots[0]);
  for (std::size_t n = 0; n < std::size(entries); ++n) {
    tree.append(leaf_hash(entries[n]));
    EXPECT_EQ(hex_of(tree.root()), roots[n + 1]) << n;
  }
}

TEST(Merkle, RootsAndFrontiersAreTheDefinitions) {
  for (std::uint64_t size = 0; size <= kMost; ++size) {
    const MerkleRange tree = range(0, size);
    EXPECT_EQ(tree.root(), by_definition(0, size)) << size;
    std::vector<Hash> hashes;
    for (const auto& node : tree.nodes()) hashes.push_back(node.hash);
    const auto again = MerkleRange::of_frontier(size, hashes);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->root(), tree.root());
    EXPECT_EQ(again->end(), size);
    hashes.push_back(leaf(0));
    EXPECT_FALSE(MerkleRange::of_frontier(size, hashes).has_value());
  }
}

TEST(Merkle, RangesJoinWhereverTheyMeet) {
  for (std::uint64_t end = 0; end <= kMost; ++end)
    for (std::uint64_t middle = 0; middle <= end; ++middle) {
      MerkleRange joined = range(0, middle);
      joined.extend(range(middle, end));
      ASSERT_EQ(joined.root(), by_definition(0, end)) << middle << " " << end;
      ASSERT_EQ(joined.nodes().size(), range(0, end).nodes().size());
    }
}

TEST(MerkleProof, OfInclusion) {
  const MerkleNodes all = nodes();
  for (std::uint64_t size = 1; size <= kMost; ++size)
    for (std::uint64_t index = 0; index < size; ++index) {
      auto path = all.roots(inclusion_spans(index, size).value());
      ASSERT_TRUE(path.has_value());
      ASSERT_EQ(root_of_inclusion(leaf(index), index, size, *path), by_definition(0, size));
      for (std::uint64_t other : {index + 1, index ^ 1, index / 2})
        if (other != index) {
          ASSERT_NE(root_of_inclusion(leaf(index), other, size, *path), by_definition(0, size)) << index << " as " << other;
        }
      path->push_back(leaf(0));
      ASSERT_NE(root_of_inclusion(leaf(index), index, size, *path), by_definition(0, size));
    }
  EXPECT_FALSE(inclusion_spans(5, 5).has_value());
}

TEST(MerkleProof, OfConsistency) {
  const MerkleNodes all = nodes();
  for (std::uint64_t size = 1; size <= kMost; ++size)
    for (std::uint64_t old = 1; old <= size; ++old) {
      auto path = all.roots(consistency_spans(old, size).value());
      ASSERT_TRUE(path.has_value());
      const Hash then = by_definition(0, old), now = by_definition(0, size);
      ASSERT_TRUE(is_consistent(old, then, size, now, *path)) << old << " " << size;
      ASSERT_FALSE(is_consistent(old, leaf(1000), size, now, *path)) << old << " " << size;
      ASSERT_FALSE(is_consistent(old, then, size, leaf(1000), *path)) << old << " " << size;
      for (std::size_t n = 0; n < path->size(); ++n) {
        MerklePath wrong = *path;
        wrong[n][7] ^= 1;
        ASSERT_FALSE(is_consistent(old, then, size, now, wrong)) << old << " " << size << " " << n;
      }
      path->push_back(now);
      ASSERT_FALSE(is_consistent(old, then, size, now, *path)) << old << " " << size;
    }
  EXPECT_FALSE(consistency_spans(0, 5).has_value());
  EXPECT_FALSE(consistency_spans(6, 5).has_value());
  EXPECT_TRUE(is_consistent(0, sha256({}), 5, by_definition(0, 5), {}));
}

// What a writer has at hand: the tree at the older size, and the range from there on.
TEST(MerkleProof, OfConsistencyFromTheOldTreeAndWhatCameSince) {
  for (std::uint64_t size = 1; size <= kMost; ++size)
    for (std::uint64_t old = 1; old <= size; ++old) {
      MerkleNodes known;
      known.add(range(0, old));
      known.add(range(old, size));
      const auto path = known.roots(consistency_spans(old, size).value());
      ASSERT_TRUE(path.has_value()) << old << " " << size;
      ASSERT_TRUE(is_consistent(old, by_definition(0, old), size, by_definition(0, size), *path));
    }
}

}  // namespace
}  // namespace pgward::audit
