// Authentication* ('R'): what the server wants for a log-in, or that it has it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct AuthenticationOk {};
struct AuthenticationCleartextPassword {};
struct AuthenticationMd5Password {
  ByteView salt;  // 4 bytes
};
struct AuthenticationSasl {
  std::vector<ByteView> mechanisms;  // in the server's order of preference; at least one
};
struct AuthenticationSaslContinue {
  ByteView data;
};
struct AuthenticationSaslFinal {
  ByteView data;
};
struct AuthenticationOther {  // Kerberos, GSS, SSPI, or a kind not known here
  std::uint32_t kind;
};

using Authentication = std::variant<AuthenticationOk, AuthenticationCleartextPassword,
                                    AuthenticationMd5Password, AuthenticationSasl, AuthenticationSaslContinue,
                                    AuthenticationSaslFinal, AuthenticationOther>;

// Views in the answer look into the body.
Result<Authentication> decode_authentication(ByteView body);

void encode_authentication_ok(Bytes& out);
void encode_authentication_cleartext_password(Bytes& out);
// False, and nothing appended, for an empty list, an empty name or one with a zero byte.
bool encode_authentication_sasl(Bytes& out, std::span<const std::string_view> mechanisms);
bool encode_authentication_sasl_continue(Bytes& out, ByteView data);
bool encode_authentication_sasl_final(Bytes& out, ByteView data);

}  // namespace pgward::protocol
