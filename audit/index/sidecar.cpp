#include "audit/index/sidecar.h"

#include <algorithm>

#include "audit/index/sidecar_layout.h"

namespace pgward::audit {

using namespace layout;

std::variant<Sidecar, std::string> Sidecar::open(std::unique_ptr<IndexSource> source) {
  Sidecar sidecar;
  sidecar.source_ = std::move(source);
  if (!sidecar.source_) return "there is no index";
  if (std::string wrong = sidecar.read_header(); !wrong.empty()) return wrong;
  return sidecar;
}

// No arithmetic with what a file says may wrap around.
bool Sidecar::in_file(std::uint64_t offset, std::uint64_t count, std::uint64_t each_bytes) const {
  return offset >= kHeaderBytes && offset <= source_->size() && count <= (source_->size() - offset) / each_bytes;
}

std::string Sidecar::read_header() {
  std::string header(kHeaderBytes, '\0');
  if (source_->size() < kHeaderBytes || !source_->read(0, header.data(), header.size())) return "the index is cut short";
  std::string_view rest(header);
  if (!rest.starts_with(kMagic)) return "is no index of a segment";
  rest.remove_prefix(kMagic.size());
  if (take<std::uint32_t>(rest) != kIndexVersion || take<std::uint32_t>(rest) != kIndexKinds) return "the index is of another version";
  const std::uint64_t number = take<std::uint64_t>(rest);
  shape_.number = static_cast<SegmentNumber>(number);
  for (std::uint64_t* value : {&shape_.first_seq, &shape_.records, &shape_.bytes}) *value = take<std::uint64_t>(rest);
  shape_.before = take<Hash>(rest);
  shape_.head = take<Hash>(rest);
  for (std::int64_t* value : {&shape_.first_us, &shape_.least_us, &shape_.most_us}) *value = take<std::int64_t>(rest);
  const auto section = [&] {
    Section one;
    one.offset = take<std::uint64_t>(rest);
    one.count = take<std::uint64_t>(rest);
    one.hash = take<Hash>(rest);
    return one;
  };
  bool fits = number == shape_.number;
  for (Section& one : sections_) {
    one = section();
    fits = fits && in_file(one.offset, one.count, sizeof(IndexEntry)) &&
           in_file(one.offset + one.count * sizeof(IndexEntry), blocks_of(one.count), sizeof(Block));
  }
  seeks_section_ = section();
  names_section_ = section();
  root_ = sha256(std::string_view(header).substr(0, kHeaderBytes - sizeof(Hash)));
  if (take<Hash>(rest) != root_) return "the header of the index is damaged";
  fits = fits && in_file(seeks_section_.offset, seeks_section_.count, sizeof(IndexSeek)) && in_file(names_section_.offset, names_section_.count, 1);
  return fits ? "" : "the index says what cannot be";
}

std::optional<std::string> Sidecar::whole(const Section& section, std::uint64_t each_bytes) const {
  std::string bytes(static_cast<std::size_t>(section.count * each_bytes), '\0');
  if (!source_->read(section.offset, bytes.data(), bytes.size()) || sha256(bytes) != section.hash) return std::nullopt;
  return bytes;
}

const std::vector<Sidecar::Block>* Sidecar::table(IndexKind kind) {
  Table& table = tables_[static_cast<std::size_t>(kind)];
  if (table.read) return &table.blocks;
  const Section& section = sections_[static_cast<std::size_t>(kind)];
  Section place = section;
  place.offset += section.count * sizeof(IndexEntry);
  place.count = blocks_of(section.count);
  const auto bytes = whole(place, sizeof(Block));
  if (!bytes) return nullptr;
  std::string_view rest(*bytes);
  while (!rest.empty()) table.blocks.push_back(take<Block>(rest));
  table.read = true;
  return &table.blocks;
}

bool Sidecar::block(IndexKind kind, std::size_t number, std::vector<IndexEntry>& entries) {
  const Section& section = sections_[static_cast<std::size_t>(kind)];
  const std::uint64_t first = std::uint64_t{number} * kBlockEntries;
  entries.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockEntries, section.count - first)));
  const std::size_t bytes = entries.size() * sizeof(IndexEntry);
  char* to = reinterpret_cast<char*>(entries.data());
  return source_->read(section.offset + first * sizeof(IndexEntry), to, bytes) &&
         sha256({to, bytes}) == tables_[static_cast<std::size_t>(kind)].blocks[number].hash;
}

bool Sidecar::find(IndexKind kind, const IndexKey& key, std::vector<IndexEntry>& entries) {
  const auto* blocks = table(kind);
  if (blocks == nullptr) return false;
  // It may begin at the end of the last block that begins before it.
  auto at = std::lower_bound(blocks->begin(), blocks->end(), key, [](const Block& block, const IndexKey& wanted) { return block.first < wanted; });
  if (at != blocks->begin()) --at;
  std::vector<IndexEntry> here;
  for (; at != blocks->end() && at->first <= key; ++at) {
    if (!block(kind, static_cast<std::size_t>(at - blocks->begin()), here)) return false;
    const auto begin = std::lower_bound(here.begin(), here.end(), IndexEntry{key, 0, 0});
    for (auto entry = begin; entry != here.end() && entry->key == key; ++entry) entries.push_back(*entry);
  }
  return true;
}

bool Sidecar::each(IndexKind kind, const std::function<bool(const IndexEntry&)>& take) {
  const auto* blocks = table(kind);
  if (blocks == nullptr) return false;
  std::vector<IndexEntry> here;
  for (std::size_t n = 0; n < blocks->size(); ++n) {
    if (!block(kind, n, here)) return false;
    for (const IndexEntry& entry : here)
      if (!take(entry)) return true;
  }
  return true;
}

std::optional<IndexSeek> Sidecar::seek(std::uint64_t row) {
  if (!seeks_) {
    const auto bytes = whole(seeks_section_, sizeof(IndexSeek));
    if (!bytes) return std::nullopt;
    std::string_view rest(*bytes);
    seeks_.emplace();
    while (!rest.empty()) seeks_->push_back(take<IndexSeek>(rest));
  }
  const auto behind = std::upper_bound(seeks_->begin(), seeks_->end(), row, [](std::uint64_t wanted, const IndexSeek& seek) { return wanted < seek.row; });
  if (behind == seeks_->begin()) return std::nullopt;
  return *std::prev(behind);
}

std::optional<std::vector<std::string>> Sidecar::set_tables() {
  const auto bytes = whole(names_section_, 1);
  if (!bytes) return std::nullopt;
  std::vector<std::string> names;
  for (std::size_t at = 0; at < bytes->size();) {
    const std::size_t end = std::min(bytes->find('\0', at), bytes->size());
    names.push_back(bytes->substr(at, end - at));
    at = end + 1;
  }
  return names;
}

}  // namespace pgward::audit
