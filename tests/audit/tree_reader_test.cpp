// Proofs from the lines on disk, wherever segments begin.
#include "audit/tree_reader.h"

#include <gtest/gtest.h>

#include "scratch.h"

namespace pgward::audit {
namespace {

class TreeReader : public testing::Test {
 protected:
  void SetUp() override {
    LogConfig config = config_for(scratch_.path());
    config.segment_bytes = 900;  // every five records or so
    write_records(config, 1, 16);
    lines_ = all_lines(scratch_.path());
    MerkleRange tree;
    roots_.push_back(tree.root());
    for (const std::string& line : lines_) {
      tree.append(leaf_hash(line));
      roots_.push_back(tree.root());
    }
    ASSERT_GT(verify(scratch_.path()).segments, 2u);
  }
  Scratch scratch_;
  std::vector<std::string> lines_;
  std::vector<Hash> roots_;
};

TEST_F(TreeReader, TheTreeOfEachSize) {
  for (std::uint64_t size = 0; size <= lines_.size(); ++size) {
    const auto tree = tree_at(scratch_.path(), size);
    ASSERT_TRUE(tree.has_value()) << size;
    EXPECT_EQ(tree->root(), roots_[size]) << size;
  }
  EXPECT_FALSE(tree_at(scratch_.path(), lines_.size() + 1).has_value());
}

TEST_F(TreeReader, EachRecordInEachTree) {
  for (std::uint64_t size = 1; size <= lines_.size(); ++size)
    for (std::uint64_t seq = 1; seq <= size; ++seq) {
      const auto proof = prove_record(scratch_.path(), seq, size);
      ASSERT_TRUE(std::holds_alternative<RecordProof>(proof)) << seq << " in " << size << ": " << std::get<std::string>(proof);
      ASSERT_EQ(std::get<RecordProof>(proof).line, lines_[seq - 1]);
      ASSERT_EQ(root_of_inclusion(leaf_hash(lines_[seq - 1]), seq - 1, size, std::get<RecordProof>(proof).path), roots_[size]);
    }
  for (const auto& [seq, size] : {std::pair{0, 5}, {6, 5}, {100, 200}, {5, 200}})
    EXPECT_TRUE(std::holds_alternative<std::string>(prove_record(scratch_.path(), static_cast<std::uint64_t>(seq), static_cast<std::uint64_t>(size))));
}

TEST_F(TreeReader, EachTreeInEachLaterOne) {
  for (std::uint64_t size = 1; size <= lines_.size(); ++size)
    for (std::uint64_t old = 1; old <= size; ++old) {
      const auto path = prove_growth(scratch_.path(), old, size);
      ASSERT_TRUE(std::holds_alternative<MerklePath>(path)) << old << " in " << size << ": " << std::get<std::string>(path);
      ASSERT_TRUE(is_consistent(old, roots_[old], size, roots_[size], std::get<MerklePath>(path)));
    }
}

// Proofs about what is left when the oldest segments are gone.
TEST_F(TreeReader, WithoutTheOldestSegments) {
  const std::uint64_t gone = lines_of(read_file(scratch_.path() / "000001.jsonl")).size() + lines_of(read_file(scratch_.path() / "000002.jsonl")).size();
  for (const char* name : {"000001.jsonl", "000002.jsonl"}) std::filesystem::remove(scratch_.path() / name);
  for (std::uint64_t seq = 1; seq <= lines_.size(); ++seq) {
    const auto proof = prove_record(scratch_.path(), seq, lines_.size());
    ASSERT_EQ(std::holds_alternative<RecordProof>(proof), seq > gone) << seq;
    if (seq > gone) {
      ASSERT_EQ(root_of_inclusion(leaf_hash(lines_[seq - 1]), seq - 1, lines_.size(), std::get<RecordProof>(proof).path), roots_[lines_.size()]);
    }
  }
}

}  // namespace
}  // namespace pgward::audit
