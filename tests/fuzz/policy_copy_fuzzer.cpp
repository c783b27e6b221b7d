// Any bytes as COPY data, cut in two ways: the verdict does not depend on the cut, nothing is forwarded that
// was not sent, in order, and no more is held than allowed.
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/copy_in/rows.h"
#include "tests/fuzz/check.h"

using namespace pgward::policy;

namespace {

constexpr std::size_t kHeldMax = 64;

struct Outcome {
  std::optional<CopyFault> fault;
  std::string forwarded;
};

Outcome run(const CopyIn& copy, const TenantValues& own, std::string_view data, std::size_t cut) {
  CopyRows rows(copy, own, kHeldMax);
  Outcome outcome;
  CopyRows::Ready ready;
  for (std::size_t at = 0; at < data.size(); at += cut) {
    outcome.fault = rows.feed(data.substr(at, cut), ready);
    if (outcome.fault) return outcome;
    outcome.forwarded.append(ready.held).append(ready.now);
    CHECK(rows.held_bytes() <= kHeldMax);
  }
  outcome.fault = rows.finish(ready);
  if (!outcome.fault) outcome.forwarded.append(ready.held).append(ready.now);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  Policy policy;
  policy.tenant = {{"t", "t", "app.t", data[0] % 2 != 0 ? TenantType::text : TenantType::int4, {}}};
  const TenantValues own = std::get<TenantValues>(tenant_values(policy, {{"t", "7"}}));
  CopyIn copy;
  copy.format = static_cast<CopyFormat>(data[1] % 3);
  copy.fields = 3;
  copy.tenant = {{data[2] % 3u, "t", policy.tenant[0].type}};
  copy.header = (data[2] & 16) != 0;
  copy.marker_ends_data = (data[2] & 32) != 0;
  if (copy.format == CopyFormat::csv) {
    copy.delimiter = ',';
    copy.null_marker.clear();
    if ((data[2] & 64) != 0) copy.escape = '\\';
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 4, size - 4);
  const Outcome one = run(copy, own, bytes, 1);
  const Outcome other = run(copy, own, bytes, data[3] % 50u + 1u);
  // A row that is too large is noticed by the piece.
  const auto size_matters = [](const Outcome& o) { return o.fault == CopyFault::row_too_large; };
  if (!size_matters(one) && !size_matters(other)) {
    CHECK(one.fault == other.fault);
    if (!one.fault) CHECK(one.forwarded == other.forwarded);
  }
  CHECK(bytes.starts_with(one.forwarded) && bytes.starts_with(other.forwarded));
  return 0;
}
