// Policies with mistakes, and every word of what is said about them.
#include <gtest/gtest.h>

#include <ostream>

#include "policy/file.h"

namespace pgward::policy {
namespace {

struct BrokenCase {
  const char* name;
  std::string yaml;
  const char* mistakes;  // one in a line
  friend void PrintTo(const BrokenCase& one, std::ostream* out) { *out << one.name; }
};
class BrokenPolicyTest : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenPolicyTest, IsNotLoadedAndSaysWhy) {
  const Loaded loaded = load_policy(GetParam().yaml, "f");
  EXPECT_FALSE(loaded.policy);
  std::string said;
  for (const Mistake& mistake : loaded.mistakes) said += mistake.line() + "\n";
  EXPECT_EQ(said, GetParam().mistakes);
}

const auto kName = [](const auto& one) { return one.param.name; };

// A policy in which line 4 and what follows is under test.
std::string tables(const std::string& rest) {
  return "version: 1\ntenant: [{claim: t, setting: a.t}, {claim: n, setting: a.n, type: int}]\n"
         "roles: {r: {may: all}}\n" +
         rest;
}

INSTANTIATE_TEST_SUITE_P(
    Yaml, BrokenPolicyTest,
    testing::Values(
        BrokenCase{"empty", "", "f:1:1: file is empty\n"},
        BrokenCase{"only_a_comment", "# nothing\n", "f:1:1: file is empty\n"},
        BrokenCase{"not_utf8", "version: \xff\n", "f:1:1: file is not UTF-8 text\n"},
        BrokenCase{"nul", std::string("version: 1\0", 11), "f:1:1: file is not UTF-8 text\n"},
        BrokenCase{"utf16", std::string("\xff\xfev\0", 4), "f:1:1: file is not UTF-8 text\n"},
        BrokenCase{"a_list", "- version",
                   "f:1:1: a policy must be a mapping with the keys version, mode, tenant, default, "
                   "missing_tenant, tables, functions, roles, scrub\n"},
        BrokenCase{"a_word", "policy",
                   "f:1:1: a policy must be a mapping with the keys version, mode, tenant, default, "
                   "missing_tenant, tables, functions, roles, scrub\n"},
        BrokenCase{"open_bracket", "version: 1\nroles: {a: {may: [select}\n",
                   "f:2:25: not valid YAML: illegal flow end\n"},
        BrokenCase{"tab", "version: 1\nroles:\n\ta: 1\n", "f:3:3: not valid YAML: illegal map value\n"},
        BrokenCase{"anchor", "version: &v 1\ndefault: *v\n",
                   "f:1:10: anchors (&) and aliases (*) are not supported; write the value out\n"},
        BrokenCase{"tag", "version: !!int 1\n", "f:1:10: tags (!) are not supported\n"},
        BrokenCase{"two_documents", "version: 1\n---\nversion: 1\n",
                   "f:1:1: several documents in one file (---) are not supported\n"},
        BrokenCase{"deep", "version: " + std::string(40, '[') + std::string(40, ']'),
                   "f:1:25: nested too deeply\n"},
        BrokenCase{"very_deep", std::string(100'000, '['), "f:1:9: nested too deeply\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Top, BrokenPolicyTest,
    testing::Values(
        BrokenCase{"no_version", "default: refuse", "f:1:1: a policy needs the key 'version'\n"},
        BrokenCase{"other_version", "version: 2", "f:1:10: version must be 1\n"},
        BrokenCase{"quoted_version", "version: '1'", "f:1:10: version must be 1\n"},
        BrokenCase{"unknown_key", "version: 1\ntabels: {}",
                   "f:2:1: unknown key 'tabels' of a policy; did you mean 'tables'?\n"},
        BrokenCase{"far_off_key", "version: 1\nx: {}",
                   "f:2:1: unknown key 'x' of a policy; known are version, mode, tenant, default, "
                   "missing_tenant, tables, functions, roles, scrub\n"},
        BrokenCase{"key_twice", "version: 1\ndefault: refuse\ndefault: allow",
                   "f:3:1: key 'default' of a policy stands already in line 2\n"},
        BrokenCase{"key_is_a_list", "version: 1\n[a]: b",
                   "f:2:1: a key of a policy must be a text of one line\n"},
        BrokenCase{"mode", "version: 1\nmode: predicates",
                   "f:2:7: mode must be one of rls+predicate, predicate, not 'predicates'; did you mean "
                   "'predicate'?\n"},
        BrokenCase{"default", "version: 1\ndefault: deny",
                   "f:2:10: default must be one of refuse, allow, not 'deny'\n"},
        BrokenCase{"missing_tenant", "version: 1\nmissing_tenant: [fill]",
                   "f:2:17: missing_tenant must be one of fill, refuse\n"},
        BrokenCase{"allow_beside_tables", tables("default: allow\ntables: {p: {tenant: c}}"),
                   "f:4:10: default: allow protects nothing and cannot stand beside tables; list what may be "
                   "read as shared: read\n"},
        BrokenCase{"no_roles", "version: 1\ntables: {p: {shared: read}}",
                   "f:1:1: a policy with tables needs roles: nobody could do anything\n"},
        BrokenCase{"many_at_once", "mode: x\ndefault: y\nroles: {a: {mai: [selct]}}\n",
                   "f:1:1: a policy needs the key 'version'\n"
                   "f:1:7: mode must be one of rls+predicate, predicate, not 'x'\n"
                   "f:2:10: default must be one of refuse, allow, not 'y'\n"
                   "f:3:12: role 'a' needs the key 'may'\n"
                   "f:3:13: unknown key 'mai' of role 'a'; did you mean 'may'?\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Tenant, BrokenPolicyTest,
    testing::Values(
        BrokenCase{"no_attribute", "version: 1\ntenant: []",
                   "f:2:9: tenant must have at least one attribute\n"},
        BrokenCase{"a_text", "version: 1\ntenant: clinic",
                   "f:2:9: a tenant attribute must be a mapping with the keys name, claim, setting, type\n"},
        BrokenCase{"incomplete", "version: 1\ntenant: {type: uuid}",
                   "f:2:9: a tenant attribute needs the key 'claim'\nf:2:9: a tenant attribute needs the key "
                   "'setting'\n"},
        BrokenCase{"type", "version: 1\ntenant: {claim: c, setting: a.b, type: uid}",
                   "f:2:40: type of a tenant attribute must be one of uuid, text, varchar, int2, int4, int8, "
                   "smallint, int, integer, bigint, not 'uid'; did you mean 'uuid'?\n"},
        BrokenCase{"setting_of_the_server", "version: 1\ntenant: {claim: c, setting: role}",
                   "f:2:29: setting 'role' must be a name of two words with a dot, such as app.tenant_id\n"},
        BrokenCase{"setting_with_space", "version: 1\ntenant: {claim: c, setting: a.b c}",
                   "f:2:29: setting 'a.b c' must be a name of two words with a dot, such as app.tenant_id\n"},
        BrokenCase{"empty_claim", "version: 1\ntenant: {claim: '', setting: a.b}",
                   "f:2:17: claim must be a text of one line\n"},
        BrokenCase{"twice", "version: 1\ntenant:\n  - {claim: c, setting: a.b}\n  - {claim: c, setting: A.b}",
                   "f:4:5: tenant attribute 'c' stands already in line 3\nf:4:5: setting 'a.b' stands "
                   "already in line 3\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Tables, BrokenPolicyTest,
    testing::Values(
        BrokenCase{"a_list", tables("tables: [p]"), "f:4:9: tables must be a mapping (key: value)\n"},
        BrokenCase{"nothing_said", tables("tables: {p: {}}"),
                   "f:4:13: table 'p' needs 'tenant: column', or 'shared: read' for reference data\n"},
        BrokenCase{"no_value", tables("tables:\n  p:\n"),
                   "f:5:3: table 'p' must be a mapping with the keys tenant, shared, record, subject, keys, "
                   "phi, missing_tenant, changes\n"},
        BrokenCase{"changes_of_whom", tables("tables: {p: {tenant: c, changes: hash}}"),
                   "f:4:34: previous and new values need 'record': the columns that say of which row they are\n"},
        BrokenCase{"changes_how", tables("tables: {p: {tenant: c, record: id, changes: encrypt}}"),
                   "f:4:46: changes must be one of off, hash, encrypted, not 'encrypt'; did you mean 'encrypted'?\n"},
        BrokenCase{"unknown_key", tables("tables: {p: {tenat: c}}"),
                   "f:4:13: table 'p' needs 'tenant: column', or 'shared: read' for reference data\n"
                   "f:4:14: unknown key 'tenat' of table 'p'; did you mean 'tenant'?\n"},
        BrokenCase{"both", tables("tables: {p: {tenant: c, shared: read}}"),
                   "f:4:22: a shared table cannot have 'tenant'\n"},
        BrokenCase{"shared_phi", tables("tables: {p: {shared: read, phi: all}}"),
                   "f:4:33: a shared table cannot have 'phi'\n"},
        BrokenCase{"shared_keys", tables("tables: {p: {shared: read, keys: add}}"),
                   "f:4:34: a shared table cannot have 'keys'\n"},
        BrokenCase{"keys_word", tables("tables: {p: {tenant: c, record: i, keys: ad}}"),
                   "f:4:42: keys must be one of as_written, add, not 'ad'; did you mean 'add'?\n"},
        BrokenCase{"keys_of_nothing", tables("tables: {p: {tenant: c, keys: add}}"),
                   "f:4:31: keys to add are the columns that 'record' and 'subject' name: name at least one\n"},
        BrokenCase{"shared_word", tables("tables: {p: {shared: raed}}"),
                   "f:4:22: shared must be one of read, write, not 'raed'; did you mean 'read'?\n"},
        BrokenCase{"attribute", tables("tables: {p: {tenant: {column: c, attribute: tt}}}"),
                   "f:4:45: no tenant attribute is named 'tt'; did you mean 't'?\n"},
        BrokenCase{"no_column", tables("tables: {p: {tenant: {attribute: t}}}"),
                   "f:4:22: a tenant column needs the key 'column'\n"},
        BrokenCase{"no_columns", tables("tables: {p: {tenant: []}}"),
                   "f:4:22: tenant must name at least one column\n"},
        BrokenCase{"column_twice", tables("tables: {p: {tenant: [c, {column: c, attribute: n}]}}"),
                   "f:4:26: tenant column 'c' stands twice\n"},
        BrokenCase{
            "no_tenant_at_all", "version: 1\nroles: {r: {may: all}}\ntables: {p: {tenant: c}}",
            "f:3:22: a tenant column needs a tenant attribute: add 'tenant' at the top of the policy\n"},
        BrokenCase{"same_table", tables("tables:\n  p: {shared: read}\n  public.p: {tenant: c}"),
                   "f:6:3: table 'public.p' stands already in line 5\n"},
        BrokenCase{"same_key", tables("tables:\n  p: {shared: read}\n  p: {tenant: c}"),
                   "f:6:3: key 'p' of tables stands already in line 5\n"},
        BrokenCase{"capitals", tables("tables: {PatientContact: {shared: read}}"),
                   "f:4:10: name 'PatientContact' has capitals: write it in lower case, or as SQL does: "
                   "'\"PatientContact\"'\n"},
        BrokenCase{
            "capital_inside", tables("tables: {pContact: {shared: read}}"),
            "f:4:10: name 'pContact' has capitals: write it in lower case, or as SQL does: '\"pContact\"'\n"},
        BrokenCase{"capitals_in_schema", tables("tables: {Billing.claims: {shared: read}}"),
                   "f:4:10: name 'Billing.claims' has capitals: write it in lower case, or as SQL does: "
                   "'\"Billing\".claims'\n"},
        BrokenCase{"space", tables("tables: {front desk.x: {shared: read}}"),
                   "f:4:10: 'front desk.x' is not a name such as patients, billing.claims or '\"Front "
                   "Desk\".\"Check-In\"'\n"},
        BrokenCase{"open_quote", tables("tables: {'\"Front': {shared: read}}"),
                   "f:4:10: name '\"Front' has no closing double quote\n"},
        BrokenCase{"too_long", tables("tables: {" + std::string(64, 'p') + ": {shared: read}}"),
                   "f:4:10: name 'pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp...' is longer "
                   "than 63 bytes\n"},
        BrokenCase{"three_parts", tables("tables: {db.public.p: {shared: read}}"),
                   "f:4:10: name 'db.public.p' has too many parts: write schema.name\n"},
        BrokenCase{"dot_at_the_end", tables("tables: {public.: {shared: read}}"),
                   "f:4:10: 'public.' is not a name such as patients, billing.claims or '\"Front "
                   "Desk\".\"Check-In\"'\n"},
        BrokenCase{"of_the_server", tables("tables: {pg_catalog.pg_class: {shared: read}}"),
                   "f:4:10: tables of the server (pg_catalog, information_schema, ..) are judged by pgward "
                   "and cannot be listed\n"},
        BrokenCase{"record", tables("tables: {p: {tenant: c, record: {a: b}}}"),
                   "f:4:33: record must be a text or a list of texts\n"},
        BrokenCase{"record_twice", tables("tables: {p: {tenant: c, record: [a, a]}}"),
                   "f:4:37: column 'a' stands twice\n"},
        BrokenCase{"phi_word", tables("tables: {p: {tenant: c, phi: some}}"),
                   "f:4:30: phi must be 'all', a list of columns, or a mapping from columns to kinds\n"},
        BrokenCase{"phi_kind", tables("tables: {p: {tenant: c, phi: {a: Free Text}}}"),
                   "f:4:34: kind of PHI 'Free Text' must be a lower-case word such as name, ssn, date or "
                   "free_text\n"},
        BrokenCase{"control_characters", tables("tables: {p: {tenant: \"c\\0\", phi: {a: \"x\\n\"}}}"),
                   "f:4:22: the tenant column must be a text of one line\n"
                   "f:4:38: the kind of PHI must be a text of one line\n"},
        BrokenCase{"control_characters_shown", tables("default: \"\\e[0m\""),
                   "f:4:10: default must be one of refuse, allow, not '?[0m'\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Rest, BrokenPolicyTest,
    testing::Values(
        BrokenCase{
            "class",
            tables("functions: {allow: []}\ndefault: allow").replace(tables("").find("all}"), 3, "[selct]"),
            "f:3:19: a class of statements must be one of select, insert, update, delete, explain, ddl, listen, all, not "
            "'selct'; did you mean 'select'?\n"},
        BrokenCase{"no_class", "version: 1\nroles: {r: {may: []}}",
                   "f:2:18: may must name at least one class of statements\n"},
        BrokenCase{"everything_without_a_tenant", "version: 1\nroles: {r: {may: all, tenant: none}}",
                   "f:2:9: role 'r' has no tenant: name what it may instead of 'all'\n"},
        BrokenCase{"tenant_of_a_role", "version: 1\nroles: {r: {may: select, tenant: clinic_7}}",
                   "f:2:34: the tenant of a role comes from the credential; the only word here is 'none'\n"},
        BrokenCase{"ddl_with_a_tenant", "version: 1\nroles: {r: {may: [select, ddl]}}",
                   "f:2:9: role 'r' may 'ddl', which changes the tables of every tenant: it needs 'tenant: none'\n"},
        BrokenCase{"tables_with_a_tenant", "version: 1\nroles: {r: {may: select, tables: [t]}}",
                   "f:2:34: role 'r' has a tenant and sees its rows of all tables; 'tables' goes with 'tenant: none'\n"},
        BrokenCase{"phi_of_a_role", "version: 1\nroles: {r: {may: select, tenant: none, phi: all}}",
                   "f:2:45: 'phi: refuse' goes with 'tenant: none', and is the only choice: open columns by name under 'tables'\n"},
        BrokenCase{"opened_and_not_listed", "version: 1\nroles: {r: {may: select, tenant: none, tables: [t]}}",
                   "f:2:49: table 't' must be listed under 'tables' of the policy as well\n"},
        BrokenCase{"opened_with_another_word", "version: 1\ntables: {t: {shared: read}}\nroles: {r: {may: select, tenant: none, tables: {t: all}}}",
                   "f:3:52: write a list of columns, or 'without_phi' for all that are not PHI\n"},
        BrokenCase{"column_rule_of_another_kind", "version: 1\nroles: {r: {may: all, columns: {p: {ssn: hide}}}}",
                   "f:2:42: a column rule is 'refuse' or {mask: last4 | hash | null | constant}\n"},
        BrokenCase{"mask_of_another_kind", "version: 1\nroles: {r: {may: all, columns: {p: {ssn: {mask: last5}}}}}",
                   "f:2:49: mask must be one of last4, hash, null, constant, not 'last5'; did you mean 'last4'?\n"},
        BrokenCase{"hash_without_function", "version: 1\nroles: {r: {may: all, columns: {p: {ssn: {mask: hash}}}}}",
                   "f:2:49: 'mask: hash' needs 'function': a keyed hash of the database, text to text\n"},
        BrokenCase{"value_of_another_mask",
                   "version: 1\nroles: {r: {may: all, columns: {p: {ssn: {mask: last4, value: x}}}}}",
                   "f:2:63: only 'mask: constant' has a 'value'\n"},
        BrokenCase{"rule_without_mask", "version: 1\nroles: {r: {may: all, columns: {p: {ssn: {write: allow}}}}}",
                   "f:2:42: a column rule needs the key 'mask'\n"},
        BrokenCase{"columns_of_no_table", "version: 1\nroles: {r: {may: all, columns: {Patients: {ssn: refuse}}}}",
                   "f:2:33: name 'Patients' has capitals: write it in lower case, or as SQL does: '\"Patients\"'\n"},
        BrokenCase{"role_without_name", "version: 1\nroles: {'': {may: all}}",
                   "f:2:9: a key of roles must be a text of one line\n"},
        BrokenCase{"function_of_server", "version: 1\nfunctions: {allow: [pg_catalog.set_config]}",
                   "f:2:21: functions of the server are judged by pgward and cannot be listed\n"},
        BrokenCase{"function_with_arguments", "version: 1\nfunctions: {allow: [f(int)]}",
                   "f:2:21: 'f(int)' is not a name such as patients, billing.claims or '\"Front "
                   "Desk\".\"Check-In\"'\n"},
        BrokenCase{"function_twice", "version: 1\nfunctions: {allow: [f, public.f]}",
                   "f:2:24: function 'public.f' stands twice\n"},
        BrokenCase{"emergency_without_anything", "version: 1\nroles: {e: {may: select, break_glass: {}}}",
                   "f:2:39: break_glass needs the key 'max_minutes'\nf:2:39: break_glass needs the key 'reasons'\n"
                   "f:2:39: break_glass needs the key 'sign_off'\n"},
        BrokenCase{"emergency_of_unknown_roles",
                   "version: 1\nroles:\n  officer: {may: select}\n"
                   "  e: {may: select, break_glass: {max_minutes: 300, reasons: [Mrs. Doe], for: [clinican], sign_off: [oficer, e]}}\n",
                   "f:4:33: for of role 'e' names 'clinican', which is no role\n"
                   "f:4:33: sign_off of role 'e' names 'oficer', which is no role; did you mean 'officer'?\n"
                   "f:4:33: sign_off of role 'e' names 'e', which is a role for emergencies itself\n"
                   "f:4:47: the minutes that it may last must be a whole number from 1 to 240\n"
                   "f:4:62: a reason is a code of a-z 0-9 _ - with at most 40 characters: it stands in the audit trail, where no names may be\n"},
        BrokenCase{"allowed_texts", "version: 1\nscrub: {allow_texts: [{text: a, sqlstate: p0001}, {sqlstate: P0001}, a, b, b], texts: []}",
                   "f:2:43: sqlstate 'p0001' must be five digits and capitals, as in \"P0001\"\n"
                   "f:2:51: an allowed text needs the key 'text'\n"
                   "f:2:76: this text stands twice\n"
                   "f:2:80: unknown key 'texts' of scrub; known are allow_texts\n"},
        BrokenCase{"functions_without_allow", "version: 1\nfunctions: {}",
                   "f:2:12: functions needs the key 'allow'\n"}),
    kName);

TEST(BrokenPolicyLimitTest, ShowsOnlyTheFirstOfVeryManyMistakes) {
  std::string yaml = "version: 1\ntables:\n";
  for (int i = 0; i < 5000; ++i) yaml += "  t" + std::to_string(i) + ": {shared: x}\n";
  EXPECT_EQ(load_policy(yaml, "f").mistakes.size(), 200u);
}

TEST(BrokenPolicyLimitTest, RefusesAVeryLargeFile) {
  const Loaded loaded = load_policy(std::string((1u << 20) + 1, '#'), "f");
  ASSERT_EQ(loaded.mistakes.size(), 1u);
  EXPECT_EQ(loaded.mistakes[0].line(), "f:1:1: file is larger than 1048576 bytes");
}

}  // namespace
}  // namespace pgward::policy
