// plan() on any bytes, with and without row-level security below, and with masked columns: no crash, no hang; and what it
// lets through stays let through, still parses, and names no relation that the server would have to look up itself.
#include <cstdlib>

#include "../policy/fixture.h"

using namespace pgward::policy;

namespace {

void one(std::string_view sql, const Policy& policy, const char* role) {
  const auto planned = [&](std::string_view text) {
    return plan({text, QueryProtocol::simple, policy.roles.at(role), &fixture::default_path()}, policy, fixture::ehr_catalog());
  };
  const Plan plan = planned(sql);
  const Rendered result = render(plan, sql, policy, fixture::clinic_a());
  if (result.refusal || !result.changed) return;
  const Plan again = planned(result.sql);
  // Masks are written once: a mask of a mask may be refused, in words of its own.
  const bool masked = !policy.roles.at(role).columns.empty();
  if (again.refusal == Refusal::unparsable || again.refusal == Refusal::unknown_relation ||
      (again.refusal == Refusal::unproven && !masked))
    std::abort();
  for (std::uint32_t position : {0U, 1U, 7U, static_cast<std::uint32_t>(result.sql.size()), 4000000000U})
    original_position(plan, sql, policy, fixture::clinic_a(), position);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  one(sql, fixture::ehr_policy(), "clinician");
  one(sql, fixture::fenced_policy(), "clinician");
  one(sql, fixture::fenced_policy(), "desk");
  return 0;
}
