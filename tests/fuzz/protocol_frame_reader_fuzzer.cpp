// A stream cut into frames must not depend on the pieces in which it arrives. The first byte says how
// it is dealt out and whether a startup packet comes first.
#include <algorithm>
#include <vector>

#include "protocol/frame.h"
#include "tests/fuzz/check.h"

namespace {

using namespace pgward::protocol;

constexpr std::size_t kFrameBytesMax = 4096;

// All frames, then the error if there was one.
std::vector<std::string> cut(ByteView stream, std::size_t piece, Shape shape) {
  std::vector<std::string> answers;
  FrameReader reader{kFrameBytesMax};
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.feed(stream.substr(at, piece));
    for (;;) {
      const auto frame = reader.next(shape);
      if (!frame) {
        answers.emplace_back(to_text(frame.error()));
        return answers;
      }
      if (!*frame) break;
      CHECK((**frame).all.size() <= kFrameBytesMax);
      answers.emplace_back((**frame).all);
      shape = Shape::typed;
    }
    CHECK(reader.buffered() <= kFrameBytesMax + piece);
  }
  return answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Shape shape = data[0] & 0x80 ? Shape::startup : Shape::typed;
  const std::size_t piece = std::max<std::size_t>(1, data[0] & 0x7f);
  CHECK(cut(stream, piece, shape) == cut(stream, stream.size(), shape));
  return 0;
}
