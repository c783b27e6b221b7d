// The first packet of a connection: the only one that anybody on the network may send.
#include <vector>

#include "protocol/startup.h"
#include "tests/fuzz/check.h"

using namespace pgward::protocol;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const ByteView body(reinterpret_cast<const char*>(data), size);
  const auto packet = decode_first_packet(body);
  if (!packet) return 0;
  const auto* startup = std::get_if<StartupMessage>(&*packet);
  if (!startup || startup->major != 3 || startup->minor != 0) return 0;

  // What we read as parameters is all there is: said again, it gives the same packet.
  std::vector<std::pair<std::string, std::string>> parameters(startup->parameters.begin(),
                                                              startup->parameters.end());
  Bytes out;
  CHECK(encode_startup(out, parameters));
  CHECK(ByteView(out).substr(4) == body);
  return 0;
}
