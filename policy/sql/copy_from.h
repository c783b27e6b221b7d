// COPY .. FROM STDIN. The statement goes on with its list of columns written out, so that the server and the
// session agree on which field of a row is the tenant's; the rows are checked as they stream, by what is left
// here in StatementFacts::copy_in (policy/copy_in/rows.h). Files and programs of the server are refused.
#pragma once

#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool walk_copy_from(QueryWalk& walk, Ref node);

// Format, delimiter and the like, as the options of the statement say. False: an option that is not known to
// leave the meaning of the data alone, or a value of one that is not understood for certain.
bool read_copy_from_options(const Tree& tree, Ref options, int server_version_num, CopyIn& out);

// Whether `copy` says of this final COPY what has to be said, for one tenant column.
bool copy_checks_column(const Tree& tree, Ref columns, const CopyIn& copy, std::string_view column,
                        const TenantAttribute& attribute);

}  // namespace pgward::policy::sql
