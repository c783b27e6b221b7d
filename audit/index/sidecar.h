// The index of a segment as bytes: what stands in DIRECTORY/index/NNNNNN.idx (docs/audit-format.md).
//
//   render(index)              the bytes
//   Sidecar::open(source)      reads and checks the header; the text says what is wrong
//   find(kind, key, entries)   all entries of a key; each piece that is read is checked against the header's hashes
//
// root() is the hash of the header, which holds hashes of all the rest: one number for everything that the index says, and for
// what it does not say. A Sidecar and what it is read from may be used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/index/builder.h"
#include "audit/io.h"

namespace pgward::audit {

inline constexpr std::uint32_t kIndexVersion = 2;

std::string render(const BuiltIndex& index);

// Bytes that can be read anywhere: a file, or memory.
class IndexSource {
 public:
  virtual ~IndexSource() = default;
  virtual std::uint64_t size() const = 0;
  virtual bool read(std::uint64_t offset, char* to, std::size_t size) const = 0;  // all of it
};
std::unique_ptr<IndexSource> index_in_memory(std::string bytes);
// Nothing: there is no such file, or it is none.
std::unique_ptr<IndexSource> index_in_file(int directory_fd, const std::string& name);

class Sidecar {
 public:
  static std::variant<Sidecar, std::string> open(std::unique_ptr<IndexSource> source);

  const SegmentShape& shape() const { return shape_; }
  const Hash& root() const { return root_; }
  std::uint64_t bytes() const { return source_->size(); }
  std::uint64_t count(IndexKind kind) const { return sections_[static_cast<std::size_t>(kind)].count; }

  // Appends in order of their rows. False: the file is damaged.
  bool find(IndexKind kind, const IndexKey& key, std::vector<IndexEntry>& entries);
  // All of a section, in order of keys, until `each` answers false. False: the file is damaged.
  bool each(IndexKind kind, const std::function<bool(const IndexEntry&)>& take);
  // The line at or before that row where reading begins; nothing: the file is damaged.
  std::optional<IndexSeek> seek(std::uint64_t row);
  std::optional<std::vector<std::string>> set_tables();

 private:
  struct Section {
    std::uint64_t offset = 0, count = 0;
    Hash hash{};  // of its table of blocks, or of all of it
  };
  struct Block {
    Hash hash{};
    IndexKey first{};
  };
  static_assert(sizeof(Block) == 48);
  struct Table {  // of the section's blocks, once it was read and found good
    bool read = false;
    std::vector<Block> blocks;
  };
  friend std::string render(const BuiltIndex& index);

  Sidecar() = default;
  std::string read_header();
  bool in_file(std::uint64_t offset, std::uint64_t count, std::uint64_t each_bytes) const;
  const std::vector<Block>* table(IndexKind kind);
  bool block(IndexKind kind, std::size_t number, std::vector<IndexEntry>& entries);
  std::optional<std::string> whole(const Section& section, std::uint64_t each_bytes) const;

  std::unique_ptr<IndexSource> source_;
  SegmentShape shape_;
  Hash root_{};
  std::array<Section, kIndexKinds> sections_{};
  Section seeks_section_, names_section_;
  std::array<Table, kIndexKinds> tables_;
  std::optional<std::vector<IndexSeek>> seeks_;
};

}  // namespace pgward::audit
