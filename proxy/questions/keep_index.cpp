// `pgward audit index`: makes what is missing, or compares each index with what its segment says.
#include <cstdio>

#include "audit/index/shelf.h"
#include "proxy/questions/keep_index.h"

#include <fcntl.h>

namespace pgward::proxy {
namespace {

// Byte for byte what anybody would make of the segment.
bool same_as_made(const std::string& directory, audit::SegmentNumber number, std::string& why) {
  const audit::Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto built = audit::build_index(fd.get(), number, false);
  if (auto* wrong = std::get_if<std::string>(&built)) return why = *wrong, false;
  const std::string made = render(std::get<audit::BuiltIndex>(built));
  const auto source = audit::index_in_file(fd.get(), audit::index_name(number));
  if (!source) return why = audit::index_name(number) + " is missing", false;
  std::string there(made.size(), '\0');
  if (source->size() == made.size() && source->read(0, there.data(), there.size()) && there == made) return true;
  return why = audit::index_name(number) + " is not what the segment says", false;
}

}  // namespace

int keep_index(const std::string& directory, bool check) {
  std::error_code error;
  auto numbers = audit::list_segments(directory, error);
  if (error || numbers.empty()) {
    std::fprintf(stderr, "pgward audit: %s: %s\n", directory.c_str(), error ? error.message().c_str() : "there is no log here");
    return 2;
  }
  numbers.pop_back();  // that is being written
  int status = 0;
  std::size_t done = 0;
  if (!check) numbers = audit::not_indexed(directory);
  for (const audit::SegmentNumber number : numbers) {
    std::string why;
    if (check) {
      if (same_as_made(directory, number, why)) ++done;
      else status = 1;
    } else {
      const auto made = audit::make_index(directory, number);
      if (const auto* wrong = std::get_if<std::string>(&made)) why = *wrong, status = 2;
      else ++done;
    }
    if (!why.empty()) std::printf("%s\n", why.c_str());
  }
  std::printf(check ? "%zu of %zu indexes are what their segments say\n" : "%zu of %zu missing indexes were made\n", done, numbers.size());
  return status;
}

}  // namespace pgward::proxy
