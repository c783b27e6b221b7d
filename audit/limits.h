// Sizes that the writer keeps to and a reader may rely on.
#pragma once

#include <cstddef>

namespace pgward::audit {

// A line with its newline. append() refuses members that would make a longer one.
inline constexpr std::size_t kLineBytesMax = 1u << 20;

// Of one record, what its lists of tables and of what they were touched in may take. Longer ones are shortened and say so: a
// statement is never too large to be recorded (docs/audit-format.md).
inline constexpr std::size_t kTablesBytesMax = 256u << 10;
inline constexpr std::size_t kTouchedBytesMax = 640u << 10;

// What the log's own members add to a record at most.
inline constexpr std::size_t kEnvelopeBytesMax = 512;

// The records that the log itself puts in front of a group, all together: the longest holds 64 hashes.
inline constexpr std::size_t kOwnBytesMax = 16u << 10;

// Records that are written and synced as one. Only the last group of a log can be torn, so what a start
// cuts off can be no longer than this.
inline constexpr std::size_t kGroupBytesMax = 4u << 20;

// A segment is grown by so many zero bytes ahead of the records: fdatasync is about twice as fast when it
// need not make a new file size durable too.
inline constexpr std::size_t kGrowBytes = 1u << 20;

}  // namespace pgward::audit
