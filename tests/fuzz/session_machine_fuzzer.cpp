// Arbitrary bytes from both sides: the machine never crashes, and no row passes without its record.
#include <cstdint>
#include <cstdlib>

#include "tests/proxy/keys_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::proxy::test;
  RelayHarness harness;
  // Half of them under a policy that adds columns to answers.
  if (size > 0 && (data[0] & 64) != 0) harness.services.world_ = keys_world();
  while (size > 2) {
    // One byte says who speaks, one how much.
    const bool client = (data[0] & 1) != 0;
    const std::size_t count = std::min<std::size_t>(data[1], size - 2);
    const pgward::protocol::Bytes bytes(reinterpret_cast<const char*>(data + 2), count);
    bool intent = false;
    for (const auto& line : client ? harness.client(bytes) : harness.server(bytes)) {
      intent = intent || line.starts_with("record! ");
      // What only reads goes at once; its answer waits.
      const bool reads = line.starts_with("server Q SELECT") || line.starts_with("server Q FETCH") || line.starts_with("server Q (SELECT");
      if (line.starts_with("server") && !reads && line.find("public.patients") != std::string::npos && !intent &&
          line.find("server P") == std::string::npos)
        std::abort();
    }
    if (harness.relay.over()) return 0;
    data += 2 + count;
    size -= 2 + count;
  }
  return 0;
}
