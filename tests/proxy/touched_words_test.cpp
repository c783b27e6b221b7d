// What words and rows tell of tables that are known by a text, or of which a patient may be missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/writer.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::HasSubstr;

// Of one column: patients.id, or a computed one.
Bytes description(bool of_id) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('T');
  writer.u16(1);
  writer.cstring("c");
  writer.u32(of_id ? 1 : 0);
  writer.u16(of_id ? 1 : 0);
  writer.u32(23);
  writer.u16(4);
  writer.u32(0xffffffff);
  writer.u16(0);
  writer.end();
  return out;
}

// Another policy of the same table: known by a column that is a text, or belonging to a patient of whom there may be none.
std::shared_ptr<const World> world_with(std::vector<std::string> record, std::vector<std::string> subject, bool id_may_be_null) {
  auto world = std::make_shared<World>(*keyed_world());
  auto policy = std::make_shared<policy::Policy>(*world->policy);
  policy::TableRule& patients = policy->tables.at({"public", "patients"});
  patients.record = std::move(record);
  patients.subject = std::move(subject);
  world->policy = std::move(policy);
  auto catalog = std::make_shared<policy::Catalog>(*world->catalogs.at("ehr"));
  policy::Relation relation = *catalog->find(policy::RelationName{"public", "patients"});
  relation.columns.at(0).not_null = !id_may_be_null;
  catalog->add(std::move(relation));
  world->catalogs.insert_or_assign("ehr", std::move(catalog));
  return world;
}

struct WordsCase {
  const char* sql;
  std::vector<std::string> values;       // bound, if it has parameters
  std::vector<std::uint32_t> types = {};  // of Parse
  const char* told = "set";
};

// Of one statement of a patient that is known by a text: everything that it tells of `touched`.
std::string told_of_text(const WordsCase& each) {
  RelayHarness harness{SessionLimits{}, true};
  harness.services.world_ = world_with({"name"}, {}, false);
  Relay relay(harness.services, harness.services.admitted_here(), Scribe("\"actor\":{}", "s1"));
  Actions actions;
  const bool bound = !each.values.empty();
  const Bytes from_client = bound ? parse("", each.sql, each.types) + bind_to("", "", each.values) + execute("") + sync() : query(each.sql);
  ByteView in(from_client);
  relay.client(in, actions);
  const Bytes from_server = (bound ? message('1') + message('2') : Bytes()) + (bound ? Bytes() : description(false)) + complete("SELECT 0") + ready('I');
  ByteView out(from_server);
  relay.server(out, actions);
  std::string told;
  for (const Action& action : actions.list()) {
    const auto* record = std::get_if<Record>(&action);
    if (record == nullptr) continue;
    const auto members = nlohmann::json::parse("{" + record->members + "}");
    for (const auto& entry : members.value("touched", nlohmann::json::array())) {
      told += told.empty() ? "" : " ";
      told += entry.at("mode").get<std::string>();
      for (const char* value : {"100", "0100"}) {
        std::string key, pseudonym;
        audit::append_key_part(key, value);
        audit::append_pseudonym(pseudonym, harness.services.subject_key_->records("public.patients").of(key));
        const auto all = entry.value("records", std::vector<std::string>());
        if (std::count(all.begin(), all.end(), pseudonym) > 0) told += std::string(" ") + value;
      }
    }
  }
  return told;
}

// A text is known by its spelling, so what another type would make of it is nobody's name.
TEST(TouchedByText, OnlyWhatTheServerSurelyComparesIsNamed) {
  for (const WordsCase& each : {
           WordsCase{"SELECT 1 FROM patients WHERE name = '0100'", {}, {}, "pred 0100"},
           WordsCase{"SELECT 1 FROM patients WHERE name = '0100'::text", {}, {}, "pred 0100"},
           WordsCase{"SELECT 1 FROM patients WHERE name = ANY(ARRAY['0100', '100']::varchar[])", {}, {}, "pred 100 0100"},
           WordsCase{"SELECT 1 FROM patients WHERE name = '0100'::int::text", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = '0100'::text::int::text", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = 0100::text", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = 1e2::text", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = '0100'::varchar(3)", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = '100'::char(2)", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = ANY(ARRAY['0100'::int]::text[])", {}},
           WordsCase{"SELECT 1 FROM patients WHERE name = ANY('{0100}'::int[]::text[])", {}},
           WordsCase{"INSERT INTO patients (id, name) VALUES (1, '0100')", {}, {}, "pred 0100"},
           WordsCase{"INSERT INTO patients (id, name) VALUES (1, 0100)", {}},
           WordsCase{"INSERT INTO patients (id, name) VALUES (1, 1e2)", {}},
           WordsCase{"INSERT INTO patients (id, name) VALUES (1, '0100 ')", {}},  // varchar(n) cuts blanks, and says nothing
           WordsCase{"UPDATE patients SET name = 0100 WHERE name = '100'", {}, {}, "pred 100 set"},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1", {"0100"}, {}, "pred 0100"},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1 OR name = $1", {"0100"}, {}, "pred 0100 set"},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1::text", {"0100"}, {}, "pred 0100"},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1::int::text", {"0100"}},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1::text", {"0100"}, {23}},
           WordsCase{"SELECT 1 FROM patients WHERE name = $1::text AND id = $1", {"0100"}},  // it is a number, then
           WordsCase{"SELECT $1::int FROM patients WHERE name = $1::text", {"0100"}},
           WordsCase{"SELECT $1::int FROM patients WHERE name = $1::text", {"0100"}, {25}, "pred 0100"},
       })
    EXPECT_EQ(told_of_text(each), each.told) << each.sql;
}

// What was shown or written without the name of anybody is not nobody's.
TEST(TouchedByNobody, ARowWithoutAPatientIsNotNone) {
  const Bytes null_row = message('D', Bytes("\0\1\377\377\377\377", 6));
  for (const bool may_be_null : {false, true}) {
    Actions actions;
    FakeServices services;
    services.world_ = world_with({}, {"id"}, may_be_null);
    Relay relay(services, services.admitted_here(), Scribe("\"actor\":{}", "s1"));
    const Bytes asked = query("SELECT id FROM patients");
    ByteView in(asked);
    relay.client(in, actions);
    const Bytes answer = description(true) + null_row + complete("SELECT 1") + ready('I');
    ByteView out(answer);
    relay.server(out, actions);
    std::string told;
    for (const Action& action : actions.list())
      if (const auto* record = std::get_if<Record>(&action)) told += record->members;
    // A key that is never NULL is missing only where an outer join found no row.
    EXPECT_THAT(told, HasSubstr(may_be_null ? "\"set\"" : "\"none\""));
  }
}

}  // namespace
}  // namespace pgward::proxy::test
