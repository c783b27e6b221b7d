// One row of a table of bodies: what a decoder must say of it.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/protocol/decoders.h"

namespace pgward::protocol {

inline std::ostream& operator<<(std::ostream& out, WireError error) {
  return out << to_text(error);
}

namespace testing_support {

struct DecodeCase {
  std::string_view name;
  Judge judge;
  std::string_view body;
  Verdict expected;  // nullopt: decodes
};

inline std::ostream& operator<<(std::ostream& out, const DecodeCase& row) {
  return out << row.name;
}

inline std::string name_of(const ::testing::TestParamInfo<DecodeCase>& info) {
  return std::string(info.param.name);
}

// The same body in memory of exactly its size, so that a sanitizer sees a read one byte too far.
inline Verdict judge_exactly(Judge judge, std::string_view body) {
  const std::vector<char> exact(body.begin(), body.end());
  return judge(ByteView(exact.data(), exact.size()));
}

}  // namespace testing_support
}  // namespace pgward::protocol
