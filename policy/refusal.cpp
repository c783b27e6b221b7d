#include "policy/refusal.h"

#include <array>
#include <cstddef>

namespace pgward::policy {
namespace {

// In the order of the enumeration. These are all the words that a refused client ever reads, besides the
// name of a catalog object: nothing that came from a client may be put in here.
constexpr std::array kTexts{
    RefusalText{Refusal::unparsable, "42601", "statement could not be understood and was not run",
                "Check the syntax; pgward reads the grammar of PostgreSQL 15."},
    RefusalText{Refusal::too_large, "54000", "statement is too large and was not run",
                "Send it in smaller parts, or send the data as parameters."},
    RefusalText{Refusal::too_deep, "54001", "statement is nested too deeply and was not run",
                "Simplify the expression; write long OR chains as = ANY (array)."},
    RefusalText{Refusal::bad_encoding, "22021", "statement is not valid UTF-8 and was not run",
                "Set the client's encoding to UTF8."},
    RefusalText{Refusal::not_supported, "0A000", "statement uses a feature that pgward does not cover yet",
                "Nothing was run. See the list of supported statements in pgward's documentation."},
    RefusalText{Refusal::multiple_statements, "42601",
                "cannot insert multiple commands into a prepared statement",
                "Prepare one statement at a time."},
    RefusalText{
        Refusal::unknown_relation, "42P01", "relation does not exist",
        "Check the name and the search_path. Of what a session makes, temporary tables are known."},
    RefusalText{Refusal::relation_not_listed, "42501", "the policy does not open this relation",
                "Ask for it to be listed under 'tables' in the policy."},
    RefusalText{Refusal::relation_read_only, "42501", "the policy opens this relation for reading only",
                "It is listed as 'shared: read' in the policy."},
    RefusalText{Refusal::function_not_allowed, "42501", "the policy does not allow a function that is called",
                "Ask for it to be listed under 'functions: allow' in the policy."},
    RefusalText{Refusal::operator_not_allowed, "42501", "the policy does not allow an operator that is used",
                "Ask for the function behind it to be listed under 'functions: allow' in the policy."},
    RefusalText{Refusal::setting_locked, "42501", "this setting is managed by pgward and cannot be changed",
                "It follows from the credential of the session; remove it from the client's configuration."},
    RefusalText{Refusal::setting_not_allowed, "42501", "this setting cannot be changed through pgward",
                "Remove it from the client's configuration, or set it in the database."},
    RefusalText{Refusal::statement_not_allowed, "42501", "this role may not run statements of this kind",
                "Ask for the class of statement to be listed under 'may' of the role in the policy."},
    RefusalText{Refusal::foreign_tenant, "42501", "new row belongs to another tenant",
                "Leave the tenant column out, or give it the tenant of the session."},
    RefusalText{Refusal::missing_tenant, "42501", "new row does not say to which tenant it belongs",
                "Give the tenant column the tenant of the session."},
    RefusalText{Refusal::unproven, "0A000", "statement could not be made safe and was not run",
                "Write it in a simpler form, and report it: this should not happen."},
    RefusalText{
        Refusal::search_path_unsettled, "0A000",
        "relation name without schema after a change of search_path in the same batch",
        "Write the schema in front of the name, or send the statement after the change was answered."},
    RefusalText{Refusal::duplicate_prepared, "42P05", "prepared statement already exists",
                "Close or DEALLOCATE it first, or use another name."},
    RefusalText{Refusal::audit_unavailable, "58030", "audit trail unavailable; nothing was run",
                "Try again later; tell the operator of pgward."},
    RefusalText{Refusal::policy_unavailable, "57P03",
                "database differs from what the policy needs; nothing was run",
                "Tell the operator of pgward: 'pgward check' names the differences."},
    RefusalText{Refusal::bad_copy_data, "22P04", "COPY data could not be read row by row; nothing was copied",
                "Check the format, the line ends, and that every row has a value for every column."},
    RefusalText{Refusal::copy_row_too_large, "54000",
                "row of COPY data is too large before its tenant column; nothing was copied",
                "Name the tenant column first in the list of columns."},
    RefusalText{Refusal::unknown_cursor, "34000", "cursor does not exist",
                "pgward knows the cursors that this session declared or bound itself."},
    RefusalText{Refusal::unknown_prepared, "26000", "prepared statement does not exist",
                "Prepare it again; statements prepared under an earlier policy are gone."},
    RefusalText{Refusal::column_not_allowed, "42501",
                "the policy does not open a column of this relation to this role",
                "Name the columns that are needed instead of * or the whole row, and leave those out."},
    RefusalText{Refusal::too_many_prepared, "53400", "too many prepared statements or portals are held",
                "Close those that are not needed, or ask the operator to raise limits.prepared_statements or prepared_memory."},
    RefusalText{Refusal::temporary_name, "42P07",
                "temporary table would hide a relation or type of the database",
                "Give it another name; pgward does not let names change their meaning."},
    RefusalText{Refusal::no_memory, "53200", "too many large messages at once; nothing was run",
                "Try again, or ask the operator to raise limits.message_memory."},
    RefusalText{Refusal::credential_refused, "28000", "this token cannot renew the session",
                "It must be current, of the same person, for the same tenant and role, and end no earlier; the session goes "
                "on under the one it has."},
    RefusalText{Refusal::sign_off_refused, "42501", "this session cannot sign off that emergency access",
                "It takes another person with a role under 'sign_off' in the policy, of the same tenant or of none; see "
                "'pgward break-glass list'."},
};

constexpr bool complete_and_in_order() {
  if (kTexts.size() != static_cast<std::size_t>(Refusal::count_)) return false;
  for (std::size_t i = 0; i < kTexts.size(); ++i)
    if (kTexts[i].refusal != static_cast<Refusal>(i)) return false;
  return true;
}
static_assert(complete_and_in_order());

}  // namespace

const RefusalText& text_of(Refusal refusal) {
  const auto index = static_cast<std::size_t>(refusal);
  // A value that is none of ours can only be a bug; the harshest text is the honest answer to it.
  return index < kTexts.size() ? kTexts[index] : kTexts[static_cast<std::size_t>(Refusal::unproven)];
}

std::string_view hint_of(Refusal refusal, std::string_view object) {
  const bool of_policy = refusal == Refusal::relation_not_listed || refusal == Refusal::function_not_allowed ||
                         refusal == Refusal::operator_not_allowed;
  if (of_policy && (object.starts_with("pg_catalog.") || object.starts_with("information_schema.")))
    return "It is the server's own, and closed whatever the policy says: it can show or change what is not the session's.";
  return text_of(refusal).hint;
}

}  // namespace pgward::policy
