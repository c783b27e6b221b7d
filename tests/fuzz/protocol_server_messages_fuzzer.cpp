// Bodies of what servers send; the first byte picks the decoder.
#include "tests/fuzz/check.h"
#include "tests/protocol/decoders.h"

namespace {

using namespace pgward::protocol;

void round_trip(char type, ByteView body) {
  Bytes out;
  if (type == server::kErrorResponse) {
    const auto fields = decode_fields(body);
    if (!fields) return;
    encode_error(out, *fields);
    CHECK(ByteView(out).substr(5) == body);
  } else if (type == server::kParameterStatus) {
    const auto status = decode_parameter_status(body);
    if (!status) return;
    CHECK(encode_parameter_status(out, status->name, status->value));
    CHECK(ByteView(out).substr(5) == body);
  } else if (type == server::kDataRow) {
    const auto row = decode_data_row(body);
    if (!row) return;
    std::size_t walked = 0;
    for (const auto& value : *row) walked += !value || value->size() <= body.size();
    CHECK(walked == row->column_count());
  } else if (type == server::kCommandComplete) {
    const auto tag = decode_command_complete(body);
    CHECK(!tag || !tag->verb.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto& decoder = testing_support::kServerDecoders[data[0] % testing_support::kServerDecoders.size()];
  decoder.judge(body);
  round_trip(decoder.type, body);
  return 0;
}
