// Trees and proofs from the lines of a log on disk, read from the segment on in which they begin: the first record of
// each holds the tree of all before it. Chain and signatures are not looked at: see verify().
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "audit/anchor.h"
#include "audit/merkle.h"
#include "audit/merkle_proof.h"

namespace pgward::audit {

// The tree as it was after so many records; nothing: the log does not hold them (any more).
std::optional<MerkleRange> tree_at(const std::filesystem::path& directory, std::uint64_t size);

// The checkpoint that was written last; nothing: there is none.
std::optional<SignedCheckpoint> last_checkpoint(const std::filesystem::path& directory);

struct RecordProof {
  std::string line;
  MerklePath path;
};
// That record `seq` is in the tree of so many records. The text says why not.
std::variant<RecordProof, std::string> prove_record(const std::filesystem::path& directory, std::uint64_t seq, std::uint64_t size);
// The same of many, in order and without doubles; the log is read once.
std::variant<std::vector<RecordProof>, std::string> prove_records(const std::filesystem::path& directory, std::span<const std::uint64_t> seqs, std::uint64_t size);
// That the tree of so many records begins with that of `old_size`.
std::variant<MerklePath, std::string> prove_growth(const std::filesystem::path& directory, std::uint64_t old_size, std::uint64_t size);

}  // namespace pgward::audit
