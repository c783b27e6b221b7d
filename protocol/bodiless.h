// Messages that are nothing but type and length: Sync, Flush, Terminate, CopyDone from the client;
// ParseComplete, BindComplete, CloseComplete, NoData, EmptyQueryResponse, PortalSuspended, CopyDone from
// the server.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

Result<void> decode_bodiless(ByteView body);

void encode_bodiless(Bytes& out, char type);
void encode_sync(Bytes& out);
void encode_flush(Bytes& out);
void encode_terminate(Bytes& out);

}  // namespace pgward::protocol
