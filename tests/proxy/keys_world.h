// The small world whose policy wants the keys of every answer about public.patients.
#pragma once

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {

inline std::shared_ptr<const World> keys_world() {
  auto world = std::make_shared<World>(*small_world());
  auto policy = std::make_shared<policy::Policy>(*world->policy);
  policy::TableRule& patients = policy->tables.at({"public", "patients"});
  patients.record = {"id"};
  patients.keys = policy::KeyColumns::add;
  world->policy = policy;
  return world;
}

}  // namespace pgward::proxy::test
