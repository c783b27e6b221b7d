// Writes a first policy for a database that has none: the DBA edits it instead of writing it.
//
// Every guess stands beside a comment that says why. What it writes loads, and fits the database: check_against()
// finds no error in it. Names of the catalog are quoted so that none can end a comment or a value.
#pragma once

#include <string>

#include "policy/catalog.h"
#include "policy/survey.h"

namespace pgward::policy {

std::string first_policy(const Catalog& catalog, const Survey& survey);

}  // namespace pgward::policy
