// Numbers of the file's layout, which writing and reading share.
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "audit/index/entry.h"

namespace pgward::audit::layout {

static_assert(std::endian::native == std::endian::little, "the index is little-endian, and so is what is copied into it");

inline constexpr std::string_view kMagic = "pgwidx\r\n";
inline constexpr std::size_t kBlockEntries = 1024;
inline constexpr std::size_t kSectionBytes = 8 + 8 + 32;
inline constexpr std::size_t kShapeBytes = 8 + 3 * 8 + 2 * 32 + 3 * 8;
// Magic, version, number of kinds, shape, sections, and the hash of all that.
inline constexpr std::size_t kHeaderBytes = 8 + 8 + kShapeBytes + (kIndexKinds + 2) * kSectionBytes + 32;

template <class Value>
void put(std::string& out, const Value& value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Value>
Value take(std::string_view& in) {
  static_assert(std::is_trivially_copyable_v<Value>);
  Value value{};
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return value;
}

inline std::size_t blocks_of(std::uint64_t entries) { return static_cast<std::size_t>((entries + kBlockEntries - 1) / kBlockEntries); }

}  // namespace pgward::audit::layout
