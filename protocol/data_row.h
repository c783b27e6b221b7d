// DataRow ('D'): one row. Decoding checks the whole of it once and allocates nothing; after that it can
// be walked without a chance of error:
//
//   for (std::optional<ByteView> value : *row) ...   // nullopt is NULL
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

class DataRow {
 public:
  class Iterator {
   public:
    using value_type = std::optional<ByteView>;
    using difference_type = std::ptrdiff_t;

    std::optional<ByteView> operator*() const { return value_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    friend class DataRow;
    explicit Iterator(ByteView values) : left_(values) { ++*this; }

    ByteView left_;
    std::optional<ByteView> value_;
    bool done_ = false;
  };

  std::uint16_t column_count() const { return column_count_; }
  Iterator begin() const { return Iterator{values_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend Result<DataRow> decode_data_row(ByteView body);
  DataRow(std::uint16_t count, ByteView values) : column_count_(count), values_(values) {}

  std::uint16_t column_count_;
  ByteView values_;  // looks into the body, as do the values walked
};

Result<DataRow> decode_data_row(ByteView body);

// Columns without NULLs.
bool encode_data_row(Bytes& out, std::span<const ByteView> values);

}  // namespace pgward::protocol
