#include "protocol/data_row.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

DataRow::Iterator& DataRow::Iterator::operator++() {
  done_ = left_.empty();
  if (done_) return *this;
  Reader in{left_};
  value_ = in.sized_value();
  left_ = in.rest();
  return *this;
}

Result<DataRow> decode_data_row(ByteView body) {
  Reader in{body};
  const std::uint16_t count = in.u16();
  DataRow row{count, body.substr(body.size() - in.left())};
  for (auto left = count; left > 0 && in.ok(); --left) in.sized_value();
  return in.finish(row);
}

bool encode_data_row(Bytes& out, std::span<const ByteView> values) {
  Writer message{out};
  message.begin(server::kDataRow);
  message.count16(values.size());
  for (const ByteView value : values) message.sized_bytes(value);
  return message.end();
}

}  // namespace pgward::protocol
