// Any bytes as a tenant value and as a setting: what is canonical stays as it is, can be quoted, and is never
// empty for a type that has no empty value.
#include <cstdint>
#include <string_view>

#include "policy/names.h"
#include "policy/plan.h"
#include "policy/written_names.h"
#include "tests/fuzz/check.h"

using namespace pgward::policy;

namespace {

void check_canonical(TenantType type, const std::optional<std::string>& value) {
  if (!value) return;
  CHECK(canonical(type, *value) == value);
  CHECK(quote_literal(*value).size() >= value->size() + 2);
  CHECK(type == TenantType::text || type == TenantType::varchar || !value->empty());
}

void check_setting(std::string_view name, std::string_view value) {
  Policy policy;
  policy.tenant = {{"tenant_id", "t", "app.tenant_id", TenantType::uuid, {}}};
  const auto refusal = judge_setting(policy, name, value);
  if (name.size() >= 4 && (name.substr(0, 4) == "app." || name.substr(0, 4) == "APP."))
    CHECK(refusal.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  constexpr std::uint32_t kOids[] = {0, 20, 21, 23, 25, 705, 1042, 1043, 2950};
  for (const TenantType type :
       {TenantType::uuid, TenantType::int2, TenantType::int4, TenantType::int8, TenantType::text}) {
    check_canonical(type, canonical(type, bytes));
    check_canonical(type, canonical_binary(type, kOids[data[0] % std::size(kOids)], bytes));
  }
  const std::size_t middle = data[1] % (bytes.size() + 1);
  check_setting(bytes.substr(0, middle), bytes.substr(middle));
  if (const auto name = relation_name(bytes)) {
    const auto again = relation_name(quote_identifier(name->schema) + "." + quote_identifier(name->name));
    CHECK(again && *again == *name);
  }
  return 0;
}
