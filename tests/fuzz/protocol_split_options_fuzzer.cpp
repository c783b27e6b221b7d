// The `options` parameter. What was taken from it, written with every character escaped, reads the same.
#include "protocol/options.h"
#include "tests/fuzz/check.h"

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) (out += '\\') += c;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto settings = pgward::protocol::split_options({reinterpret_cast<const char*>(data), size});
  if (!settings) return 0;
  std::string again;
  for (const auto& [name, value] : *settings) {
    CHECK(!name.empty());
    again += " -c " + escaped(name) + "=" + escaped(value);
  }
  const auto second = pgward::protocol::split_options(again);
  CHECK(second && *second == *settings);
  return 0;
}
