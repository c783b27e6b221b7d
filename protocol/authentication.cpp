#include "protocol/authentication.h"

#include <cstddef>
#include <utility>

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

namespace {

constexpr std::uint32_t kOk = 0;
constexpr std::uint32_t kCleartextPassword = 3;
constexpr std::uint32_t kMd5Password = 5;
constexpr std::uint32_t kSasl = 10;
constexpr std::uint32_t kSaslContinue = 11;
constexpr std::uint32_t kSaslFinal = 12;
constexpr std::size_t kSaltBytes = 4;

Result<Authentication> decode_sasl_mechanisms(Reader in) {
  AuthenticationSasl message;
  for (;;) {
    ByteView name = in.cstring();
    if (!in.ok() || name.empty()) break;  // an empty name ends the list
    message.mechanisms.push_back(name);
  }
  if (message.mechanisms.empty()) in.fail(WireError::bad_value);
  return in.finish_as<Authentication>(std::move(message));
}

bool encode(Bytes& out, std::uint32_t kind, ByteView data) {
  Writer message{out};
  message.begin(server::kAuthentication);
  message.u32(kind);
  message.bytes(data);
  return message.end();
}

}  // namespace

Result<Authentication> decode_authentication(ByteView body) {
  Reader in{body};
  const std::uint32_t kind = in.u32();
  if (!in.ok()) return WireError::truncated;
  switch (kind) {
    case kOk:
      return in.finish_as<Authentication>(AuthenticationOk{});
    case kCleartextPassword:
      return in.finish_as<Authentication>(AuthenticationCleartextPassword{});
    case kMd5Password: {
      AuthenticationMd5Password message{in.bytes(kSaltBytes)};
      return in.finish_as<Authentication>(message);
    }
    case kSasl:
      return decode_sasl_mechanisms(in);
    case kSaslContinue:
      return AuthenticationSaslContinue{in.rest()};
    case kSaslFinal:
      return AuthenticationSaslFinal{in.rest()};
    default:
      return AuthenticationOther{kind};
  }
}

void encode_authentication_ok(Bytes& out) {
  encode(out, kOk, {});
}
void encode_authentication_cleartext_password(Bytes& out) {
  encode(out, kCleartextPassword, {});
}

bool encode_authentication_sasl(Bytes& out, std::span<const std::string_view> mechanisms) {
  Writer message{out};
  message.begin(server::kAuthentication);
  message.u32(kSasl);
  if (mechanisms.empty()) message.withdraw();
  for (std::string_view name : mechanisms) {
    if (name.empty()) message.withdraw();
    message.cstring(name);
  }
  message.u8(0);
  return message.end();
}

bool encode_authentication_sasl_continue(Bytes& out, ByteView data) {
  return encode(out, kSaslContinue, data);
}
bool encode_authentication_sasl_final(Bytes& out, ByteView data) {
  return encode(out, kSaslFinal, data);
}

}  // namespace pgward::protocol
