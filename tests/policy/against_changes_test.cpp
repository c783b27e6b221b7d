// Tables whose changes are to be told, and triggers that do not tell them.
#include <gtest/gtest.h>

#include "policy/change_trigger_sql.h"
#include "spoiled.h"

namespace pgward::policy {
namespace {

using namespace spoiled;

class AgainstChangesTest : public SpoiledTest {};
TEST_P(AgainstChangesTest, SaysWhatDiffersAndWhatToDo) { check(); }

// As it is when everything is there.
void told(Policy& policy, Catalog& catalog) {
  policy.tables.at({"public", "patients"}).changes = ChangeValues::hash;
  catalog.change_function = change_function_shown();
  patients(catalog).change_trigger = "A " + change_trigger_shown({"public", "patients"}, {"public", "patients"});
}

INSTANTIATE_TEST_SUITE_P(
    Changes, AgainstChangesTest,
    testing::Values(
        SpoiledCase{"told", told, ""},
        SpoiledCase{"nothing_there", [](Policy& policy, Catalog&) { policy.tables.at({"public", "patients"}).changes = ChangeValues::encrypted; },
                    "f:6:3: there is no function pgward.tell_change() that tells of changes; run what pgward ddl writes for this policy\n"
                    "f:6:3: nothing tells of changes of public.patients; run what pgward ddl writes for this policy\n"},
        SpoiledCase{"another_function", [](Policy& policy, Catalog& catalog) { told(policy, catalog), catalog.change_function += ' '; },
                    "f:6:3: function pgward.tell_change() is not the one that pgward ddl writes; run what pgward ddl writes for this policy\n"},
        SpoiledCase{"another_trigger", [](Policy& policy, Catalog& catalog) { told(policy, catalog), patients(catalog).change_trigger += ' '; },
                    "f:6:3: not the trigger that pgward ddl writes tells of changes of public.patients; run what pgward ddl writes for this policy\n"},
        SpoiledCase{"of_another_table",
                    [](Policy& policy, Catalog& catalog) {
                      told(policy, catalog);
                      patients(catalog).change_trigger = "A " + change_trigger_shown({"public", "patients"}, {"billing", "claims"});
                    },
                    "f:6:3: not the trigger that pgward ddl writes tells of changes of public.patients; run what pgward ddl writes for this policy\n"},
        SpoiledCase{"off_by_a_setting", [](Policy& policy, Catalog& catalog) { told(policy, catalog), patients(catalog).change_trigger[0] = 'O'; },
                    "f:6:3: the trigger is off, or can be switched off by a setting, that tells of changes of public.patients; run what pgward ddl writes for this policy\n"},
        SpoiledCase{"a_view", [](Policy& policy, Catalog& catalog) { told(policy, catalog), policy.tables.at({"public", "v_patients"}).changes = ChangeValues::hash; },
                    "f:8:3: public.v_patients is no table: nothing can tell of its changes; say 'changes' of the tables behind it\n"}),
    kName);

}  // namespace
}  // namespace pgward::policy
