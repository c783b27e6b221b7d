#include "proxy/session/portal_keys.h"

namespace pgward::proxy {

bool may_tell_of_keys(const Statement& statement) {
  for (const auto& facts : statement.plan->statements)
    if (facts.keys || !facts.names.empty()) return true;
  return false;
}

std::shared_ptr<const Prepared> keyed_portal(const Prepared& prepared, const protocol::Bind& message, const Hidden* whole_with) {
  auto portal = std::make_shared<Prepared>(Prepared{prepared.statement, {}, prepared.holdable, prepared.rows,
                                                    bound_keys(*prepared.statement->plan, message, prepared.parameter_types, whole_with != nullptr)});
  std::vector<std::int16_t>& formats = portal->bound->result_formats;
  if (whole_with != nullptr && *whole_with && formats.size() > 1) {  // as bind_for_hidden()
    if (whole_with->all) formats.clear();
    else formats.insert(formats.begin(), whole_with->columns, std::int16_t{0});
  }
  if (whole_with == nullptr || prepared.statement->plan->uses_names()) portal->rows = std::make_shared<RowSlot>();
  return portal;
}

}  // namespace pgward::proxy
