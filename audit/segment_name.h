// Segments of a log: 000001.jsonl, 000002.jsonl, ...; sealed ones may be compressed: 000001.jsonl.gz
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace pgward::audit {

using SegmentNumber = std::uint32_t;  // from 1

std::string segment_name(SegmentNumber number);
std::optional<SegmentNumber> segment_number(std::string_view file_name);  // nothing: not a segment's name

// Ascending; other files are passed over. On an error (no such directory, not readable) the list is empty.
std::vector<SegmentNumber> list_segments(const std::filesystem::path& directory, std::error_code& error);

}  // namespace pgward::audit
