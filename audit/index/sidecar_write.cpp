#include <algorithm>

#include "audit/index/sidecar.h"
#include "audit/index/sidecar_layout.h"

namespace pgward::audit {
namespace {

using namespace layout;

std::string_view bytes_of(const IndexEntry* begin, std::size_t count) { return {reinterpret_cast<const char*>(begin), count * sizeof(IndexEntry)}; }

void put_shape(std::string& out, const SegmentShape& shape) {
  put(out, std::uint64_t{shape.number});
  put(out, shape.first_seq);
  put(out, shape.records);
  put(out, shape.bytes);
  put(out, shape.before);
  put(out, shape.head);
  put(out, shape.first_us);
  put(out, shape.least_us);
  put(out, shape.most_us);
}

void put_section(std::string& header, std::uint64_t offset, std::uint64_t count, const Hash& hash) {
  put(header, offset);
  put(header, count);
  put(header, hash);
}

}  // namespace

std::string render(const BuiltIndex& index) {
  std::string header(kMagic), whole(kHeaderBytes, '\0');
  std::size_t entries = 0;
  for (const auto& section : index.entries) entries += section.size();
  whole.reserve(kHeaderBytes + entries * (sizeof(IndexEntry) + 1) + index.seeks.size() * sizeof(IndexSeek) + 4096);
  put(header, kIndexVersion);
  put(header, static_cast<std::uint32_t>(kIndexKinds));
  put_shape(header, index.shape);

  for (const auto& section : index.entries) {
    const std::uint64_t offset = whole.size();
    std::string table;
    for (std::size_t at = 0; at < section.size(); at += kBlockEntries) {
      const std::string_view block = bytes_of(section.data() + at, std::min(kBlockEntries, section.size() - at));
      put(table, Sidecar::Block{sha256(block), section[at].key});
    }
    whole += bytes_of(section.data(), section.size());
    whole += table;
    put_section(header, offset, section.size(), sha256(table));
  }

  std::string seeks;
  for (const IndexSeek& seek : index.seeks) put(seeks, seek);
  put_section(header, whole.size(), index.seeks.size(), sha256(seeks));
  whole += seeks;

  std::string names;
  for (const std::string& table : index.set_tables) names.append(table).push_back('\0');
  put_section(header, whole.size(), names.size(), sha256(names));
  whole += names;

  put(header, sha256(header));
  whole.replace(0, kHeaderBytes, header);
  return whole;
}

}  // namespace pgward::audit
