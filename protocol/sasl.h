// SASLInitialResponse and SASLResponse ('p'): what a client says in a SASL log-in.
#pragma once

#include <optional>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct SaslInitialResponse {
  ByteView mechanism;
  std::optional<ByteView> data;  // nullopt: none was sent
};

Result<SaslInitialResponse> decode_sasl_initial(ByteView body);
// The body of a SASLResponse is the mechanism's text and nothing else; there is nothing to decode.

bool encode_sasl_initial(Bytes& out, ByteView mechanism, ByteView data);
bool encode_sasl_response(Bytes& out, ByteView data);

}  // namespace pgward::protocol
