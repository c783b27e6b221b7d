// Fuzz targets in the ordinary build, as tests of their folder: their seeds, and changed copies of these, the same in every
// run. A target that no longer holds, or a seed that finds something, is seen without clang (scripts/fuzz searches).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/support/source_dir.h"

namespace pgward::tests {

class FuzzReplay : public testing::Test {
 public:
  using Run = int (*)(const std::uint8_t*, std::size_t);
  using Input = std::vector<std::uint8_t>;
  FuzzReplay(const char* name, Run run) : name_(name), run_(run) {}

  void TestBody() override {
    std::mt19937 random(20261122);
    const auto all = seeds();
    ASSERT_FALSE(all.empty()) << "no seeds in tests/fuzz/corpus/" << name_;
    const std::size_t rounds = std::max<std::size_t>(1, kChangedInputs / all.size());
    for (const Input& seed : all) {
      run_(seed.data(), seed.size());
      for (std::size_t round = 0; round < rounds; ++round) {
        Input changed = seed;
        for (unsigned changes = 1 + random() % 4; changes > 0; --changes) change(changed, random);
        run_(changed.data(), changed.size());
      }
    }
  }

 private:
  static constexpr std::size_t kChangedInputs = 1000;

  std::vector<Input> seeds() const {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(source_dir() / "tests/fuzz/corpus" / name_)) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    std::vector<Input> found;
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      found.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return found;
  }
  static void change(Input& input, std::mt19937& random) {
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

  const char* name_;
  Run run_;
};

inline bool replay_fuzzer(const char* name, FuzzReplay::Run run) {
  testing::RegisterTest("FuzzReplay", name, nullptr, nullptr, __FILE__, __LINE__,
                        [name, run]() -> testing::Test* { return new FuzzReplay(name, run); });
  return true;
}

}  // namespace pgward::tests
