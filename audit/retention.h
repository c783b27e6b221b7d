// What becomes of old segments: sealed ones are compressed, those past their time are purged, unless a legal hold keeps
// them. A purge is a record of the log before anything is removed; it names size, head and root of what goes, so that what
// is left still leads to the same tree.
//
//   compress_segment()   a sealed segment becomes NNNNNN.jsonl.gz, compared byte for byte before the original goes
//   purge_due()          what may go by now; always a beginning of the log, never the last segment
//   purge()              removes it. Behind the record, not before
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/segment_name.h"

namespace pgward::audit {

// Segments with records of that time stay. A line of the file "holds" beside the log.
struct Hold {
  std::string name, reason;
  std::int64_t from_us = 0, to_us = 0;
};
// The text says why the file cannot be relied upon: then nothing may be purged.
std::variant<std::vector<Hold>, std::string> read_holds(const std::filesystem::path& log);
// Replaces one of that name; without a hold, releases it. Why not, or empty.
std::string write_hold(const std::filesystem::path& log, const std::string& name, const std::optional<Hold>& hold);

struct Purge {
  SegmentNumber through = 0;  // the last segment that goes
  std::uint64_t size = 0;     // records up to there
  std::string head, root;     // hex, of the last of them and of their tree
};
// `kept`: segments that stay for another reason, and all behind them.
std::optional<Purge> purge_due(const std::filesystem::path& log, std::int64_t before_us, const std::vector<Hold>& holds,
                               const std::function<bool(SegmentNumber)>& kept = nullptr);
std::optional<Purge> purge_in(std::string_view members);  // of such a record
std::string retention_purge(const Purge& purge);  // members of the record
std::string purge(const std::filesystem::path& log, const Purge& purge);  // why not, or empty
// What was purged last, as the file "purged" beside the log says.
std::optional<Purge> last_purge(const std::filesystem::path& log);

// Sealed segments that are not compressed yet.
std::vector<SegmentNumber> uncompressed(const std::filesystem::path& log);
std::string compress_segment(const std::filesystem::path& log, SegmentNumber number);  // why not, or empty

}  // namespace pgward::audit
