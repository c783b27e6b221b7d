// Any bytes as a policy file: a policy or mistakes, never both, never neither, and every mistake in one line.
#include <cstdint>
#include <string_view>

#include "policy/against_catalog.h"
#include "policy/file.h"
#include "tests/fuzz/check.h"

using namespace pgward::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Loaded loaded = load_policy({reinterpret_cast<const char*>(data), size}, "f");
  CHECK(loaded.policy.has_value() == loaded.mistakes.empty());
  for (const Mistake& mistake : loaded.mistakes) {
    CHECK(mistake.place.line >= 1 && mistake.place.column >= 1);
    CHECK(mistake.line().find('\n') == std::string::npos);
  }
  if (!loaded.policy) return 0;
  for (const auto& [name, rule] : loaded.policy->tables) {
    CHECK(rule.name == name);
    CHECK((rule.kind == TableKind::tenant) == !rule.tenant.empty());
    for (const TenantColumn& column : rule.tenant)
      CHECK(loaded.policy->attribute(column.attribute) != nullptr);
  }
  CHECK(check_against(*loaded.policy, Catalog{}).size() >= loaded.policy->tables.size());
  return 0;
}
