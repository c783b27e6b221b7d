// An index file from anywhere: read without a crash, and what it answers is of its own blocks.
#include <cstdint>
#include <string>

#include "audit/index/sidecar.h"
#include "audit/index/sidecar_layout.h"

using namespace pgward::audit;

namespace {

void look(std::string bytes) {
  auto opened = Sidecar::open(index_in_memory(std::move(bytes)));
  auto* sidecar = std::get_if<Sidecar>(&opened);
  if (sidecar == nullptr) return;
  for (std::uint32_t kind = 0; kind < kIndexKinds; ++kind) {
    std::vector<IndexEntry> entries;
    IndexKey some{};
    std::size_t seen = 0;
    static_cast<void>(sidecar->each(static_cast<IndexKind>(kind), [&](const IndexEntry& entry) { return some = entry.key, ++seen < 5000; }));
    static_cast<void>(sidecar->find(static_cast<IndexKind>(kind), some, entries));
    for (const IndexEntry& entry : entries)
      if (entry.key != some) std::abort();
  }
  static_cast<void>(sidecar->seek(3));
  static_cast<void>(sidecar->set_tables());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  look(bytes);
  // With a header that says that it is whole, so that what is behind it is read at all.
  if (size >= layout::kHeaderBytes) {
    const Hash hash = sha256(std::string_view(bytes).substr(0, layout::kHeaderBytes - sizeof(Hash)));
    bytes.replace(layout::kHeaderBytes - sizeof(Hash), sizeof(Hash), reinterpret_cast<const char*>(hash.data()), sizeof(Hash));
    look(bytes);
  }
  // Lines of a segment, as it is built.
  IndexBuilder builder(1);
  std::size_t offset = 0;
  for (std::string_view rest(reinterpret_cast<const char*>(data), size); !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!builder.take(rest.substr(0, end), offset)) break;
    offset += end + 1;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  look(render(builder.finish()));
  return 0;
}
