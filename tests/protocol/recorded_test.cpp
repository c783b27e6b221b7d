// A conversation between real drivers and a real server: every message of it is understood, and the
// stream is cut into the same frames wherever the network happens to break it.
#include <fstream>
#include <set>

#include "protocol/frame.h"
#include "protocol/startup.h"
#include "tests/protocol/decode_case.h"
#include "tests/support/source_dir.h"

namespace pgward::protocol::testing_support {
namespace {

struct Recorded {
  char from;  // 'C' or 'S'
  std::string frame;
};

std::vector<Recorded> conversation() {
  std::ifstream file(tests::source_dir() / "tests/protocol/recorded/drivers.txt");
  std::vector<Recorded> frames;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    Recorded& recorded = frames.emplace_back(Recorded{line[0], {}});
    for (std::size_t at = 2; at + 1 < line.size(); at += 2)
      recorded.frame.push_back(static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16)));
  }
  return frames;
}

// A length word whose first byte is zero begins a startup packet; no type byte is zero.
bool is_startup(const Recorded& recorded) {
  return recorded.from == 'C' && recorded.frame[0] == '\0';
}

template <class Decoders>
const Decoder* find(const Decoders& decoders, char type) {
  for (const Decoder& decoder : decoders) {
    if (decoder.type == type) return &decoder;
  }
  return nullptr;
}

TEST(RecordedTest, EveryMessageIsUnderstood) {
  std::set<std::pair<char, char>> kinds;
  for (const Recorded& recorded : conversation()) {
    if (is_startup(recorded)) {
      EXPECT_TRUE(decode_first_packet(ByteView(recorded.frame).substr(4)));
      continue;
    }
    const char type = recorded.frame[0];
    if (type == client::kCopyData) continue;  // has no structure of its own
    const Decoder* decoder = recorded.from == 'C' ? find(kClientDecoders, type) : find(kServerDecoders, type);
    ASSERT_NE(decoder, nullptr) << recorded.from << type;
    EXPECT_EQ(judge_exactly(decoder->judge, ByteView(recorded.frame).substr(5)), std::nullopt)
        << decoder->name;
    if (recorded.from == 'C') {
      EXPECT_LE(recorded.frame.size() - 1, client_length_max(type));
    }
    kinds.emplace(recorded.from, type);
  }
  EXPECT_EQ(kinds.size(), 29u);  // the file was found, and is rich
}

TEST(RecordedTest, FramesDoNotDependOnThePieces) {
  for (char side : {'C', 'S'}) {
    std::vector<std::string> frames;
    std::vector<Shape> shapes;
    std::string stream;
    for (const Recorded& recorded : conversation()) {
      if (recorded.from != side) continue;
      frames.push_back(recorded.frame);
      shapes.push_back(is_startup(recorded) ? Shape::startup : Shape::typed);
      stream += recorded.frame;
    }
    for (std::size_t piece : {1u, 2u, 3u, 4u, 5u, 7u, 64u, 1000u, 1000000u}) {
      FrameReader reader{100000};
      std::vector<std::string> cut;
      for (std::size_t at = 0; at < stream.size(); at += piece) {
        reader.feed(ByteView(stream).substr(at, piece));
        while (cut.size() < shapes.size()) {
          const auto frame = reader.next(shapes[cut.size()]).value();
          if (!frame) break;
          cut.emplace_back(frame->all);
        }
      }
      EXPECT_EQ(cut, frames) << side << " in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace pgward::protocol::testing_support
