// plan() on any bytes: no crash, no hang; and what it lets through stays let through, still parses, and
// names no relation that the server would have to look up itself.
#include <cstdlib>

#include "../policy/fixture.h"

using namespace pgward::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  const Plan plan = fixture::plan_for(sql);
  const Rendered result = render(plan, sql, fixture::ehr_policy(), fixture::clinic_a());
  if (result.refusal || !result.changed) return 0;
  const Plan again = fixture::plan_for(result.sql);
  if (again.refusal == Refusal::unparsable || again.refusal == Refusal::unknown_relation ||
      again.refusal == Refusal::unproven)
    std::abort();
  for (std::uint32_t position : {0U, 1U, 7U, static_cast<std::uint32_t>(result.sql.size()), 4000000000U})
    original_position(plan, sql, fixture::ehr_policy(), fixture::clinic_a(), position);
  return 0;
}
