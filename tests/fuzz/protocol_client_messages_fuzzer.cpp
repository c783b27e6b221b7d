// Bodies of what clients send; the first byte picks the decoder. What we can both read and write must come
// out as the bytes that went in: two bodies with one meaning would be one too many.
#include "tests/fuzz/check.h"
#include "tests/protocol/decoders.h"

namespace {

using namespace pgward::protocol;

// Whether `encode` makes of the message what it was decoded from.
template <class Encode>
void expect_same(ByteView body, Encode encode) {
  Bytes out;
  CHECK(encode(out));
  CHECK(ByteView(out).substr(5) == body);
}

void round_trip(char type, ByteView body) {
  if (type == client::kQuery) {
    if (const auto message = decode_query(body))
      expect_same(body, [&](Bytes& out) { return encode_query(out, message->sql); });
  } else if (type == client::kParse) {
    if (const auto message = decode_parse(body))
      expect_same(body, [&](Bytes& out) {
        return encode_parse(out, message->name, message->sql, message->parameter_types);
      });
  } else if (type == client::kCopyFail) {
    if (const auto message = decode_copy_fail(body))
      expect_same(body, [&](Bytes& out) { return encode_copy_fail(out, message->reason); });
  } else if (type == client::kBind) {
    if (const auto message = decode_bind(body))
      for (std::size_t i = 0; i < message->parameters.size(); ++i)
        CHECK(message->format_of(i) == 0 || message->format_of(i) == 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto& decoder = testing_support::kClientDecoders[data[0] % testing_support::kClientDecoders.size()];
  decoder.judge(body);
  round_trip(decoder.type, body);
  return 0;
}
