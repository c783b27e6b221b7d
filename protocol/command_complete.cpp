#include "protocol/command_complete.h"

#include <charconv>

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

namespace {

// Takes a number off the end of the tag, with the blank before it. False when there is none.
bool take_number(std::string_view& tag, std::string_view& number) {
  const std::size_t blank = tag.rfind(' ');
  if (blank == std::string_view::npos) return false;
  const std::string_view last = tag.substr(blank + 1);
  if (last.empty() || last.find_first_not_of("0123456789") != std::string_view::npos) return false;
  number = last;
  tag = tag.substr(0, blank);
  return true;
}

Result<CommandTag> parse_tag(std::string_view tag) {
  CommandTag parsed;
  std::string_view number;
  parsed.has_rows = take_number(tag, number);
  if (parsed.has_rows) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed.rows);
    if (error != std::errc{} || end != number.data() + number.size()) return WireError::bad_value;
    take_number(tag, number);  // the OID of an INSERT
  }
  parsed.verb = tag;
  if (tag.find_first_not_of("0123456789 ") == std::string_view::npos) return WireError::bad_value;
  return parsed;
}

}  // namespace

Result<CommandTag> decode_command_complete(ByteView body) {
  Reader in{body};
  const auto tag = in.finish(in.cstring());
  if (!tag) return tag.error();
  return parse_tag(*tag);
}

bool encode_command_complete(Bytes& out, std::string_view tag) {
  Writer message{out};
  message.begin(server::kCommandComplete);
  message.cstring(tag);
  return message.end();
}

}  // namespace pgward::protocol
