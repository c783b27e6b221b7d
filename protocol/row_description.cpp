#include "protocol/row_description.h"

#include <utility>

#include "protocol/format_codes.h"
#include "protocol/reader.h"

namespace pgward::protocol {

Result<RowDescription> decode_row_description(ByteView body) {
  Reader in{body};
  RowDescription message;
  for (auto left = in.u16(); left > 0 && in.ok(); --left) {
    ColumnDescription& column = message.columns.emplace_back();
    column.name = in.cstring();
    column.table = in.u32();
    column.table_column = in.i16();
    column.type = in.u32();
    column.type_size = in.i16();
    column.type_modifier = in.i32();
    column.format = in.i16();
    if (column.format != kTextFormat && column.format != kBinaryFormat) in.fail(WireError::bad_value);
  }
  return in.finish(std::move(message));
}

}  // namespace pgward::protocol
