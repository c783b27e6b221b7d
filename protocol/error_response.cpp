#include "protocol/error_response.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

namespace {

void encode(Bytes& out, char type, const Fields& fields) {
  Writer message{out};
  message.begin(type);
  for (const auto& [letter, text] : fields) {
    if (letter == '\0') continue;  // it would end the list
    message.u8(static_cast<std::uint8_t>(letter));
    message.cstring(ByteView(text).substr(0, text.find('\0')));
  }
  message.u8(0);
  message.end();
}

}  // namespace

Result<Fields> decode_fields(ByteView body) {
  Reader in{body};
  Fields fields;
  for (;;) {
    const char letter = static_cast<char>(in.u8());
    if (!in.ok() || letter == '\0') break;
    if (fields.size() == kFieldsMax) return WireError::too_large;
    fields.emplace_back(letter, in.cstring());
  }
  return in.finish(std::move(fields));
}

std::string_view field(const Fields& fields, char letter) {
  for (const auto& [name, text] : fields) {
    if (name == letter) return text;
  }
  return {};
}

void encode_error(Bytes& out, const Fields& fields) {
  encode(out, server::kErrorResponse, fields);
}
void encode_notice(Bytes& out, const Fields& fields) {
  encode(out, server::kNoticeResponse, fields);
}

}  // namespace pgward::protocol
