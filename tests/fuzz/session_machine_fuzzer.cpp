// Arbitrary bytes from both sides: the machine never crashes, and no row passes without its record.
#include <cstdint>
#include <cstdlib>

#include "tests/proxy/relay_harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::proxy::test;
  RelayHarness harness;
  while (size > 2) {
    // One byte says who speaks, one how much.
    const bool client = (data[0] & 1) != 0;
    const std::size_t count = std::min<std::size_t>(data[1], size - 2);
    const pgward::protocol::Bytes bytes(reinterpret_cast<const char*>(data + 2), count);
    bool intent = false;
    for (const auto& line : client ? harness.client(bytes) : harness.server(bytes)) {
      intent = intent || line.starts_with("record! ");
      if (line.starts_with("server") && line.find("public.patients") != std::string::npos && !intent &&
          line.find("server P") == std::string::npos)
        std::abort();
    }
    if (harness.relay.over()) return 0;
    data += 2 + count;
    size -= 2 + count;
  }
  return 0;
}
