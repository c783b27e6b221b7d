// The fuzz targets of the session machine in the ordinary build: their seeds, and changed copies of these, the same in
// every run. A target that no longer holds, or a seed that finds something, is seen without clang (scripts/fuzz searches).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/support/source_dir.h"

extern "C" int session_machine_fuzzer(const std::uint8_t* data, std::size_t size);
extern "C" int session_whole_fuzzer(const std::uint8_t* data, std::size_t size);

namespace pgward::proxy::test {
namespace {

using Input = std::vector<std::uint8_t>;

struct Target {
  const char* name;
  int (*run)(const std::uint8_t*, std::size_t);
};

class FuzzReplayTest : public testing::TestWithParam<Target> {
 protected:
  static std::vector<Input> seeds() {
    std::vector<Input> found;
    for (const auto& file : std::filesystem::directory_iterator(corpus())) {
      std::ifstream in(file.path(), std::ios::binary);
      found.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return found;
  }
  static std::filesystem::path corpus() {
    return tests::source_dir() / "tests/fuzz/corpus" / GetParam().name;
  }
};

void change(Input& input, std::mt19937& random) {
  if (input.empty()) return;
  const std::size_t at = random() % input.size();
  const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random() % 4) {
    case 0: input[at] ^= static_cast<std::uint8_t>(1u << random() % 8); break;
    case 1: input[at] = static_cast<std::uint8_t>(random()); break;
    case 2: input.erase(place); break;
    default: input.insert(place, static_cast<std::uint8_t>(random() % 16)); break;
  }
}

TEST_P(FuzzReplayTest, holds_for_its_seeds_and_for_changed_ones) {
  std::mt19937 random(20261122);
  const auto all = seeds();
  ASSERT_FALSE(all.empty());
  for (const Input& seed : all) {
    GetParam().run(seed.data(), seed.size());
    for (int round = 0; round < 100; ++round) {
      Input changed = seed;
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes) change(changed, random);
      GetParam().run(changed.data(), changed.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, FuzzReplayTest, testing::Values(Target{"session_machine_fuzzer", session_machine_fuzzer},
                                                           Target{"session_whole_fuzzer", session_whole_fuzzer}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace pgward::proxy::test
