// Which pseudonym a patient or a record has in the trail.
#include <cstdio>
#include <iostream>

#include "audit/subject_keys.h"
#include "proxy/cli/audit_verify.h"
#include "proxy/questions/people.h"

namespace pgward::proxy {

int show_pseudonym(const SubjectArguments& arguments) {
  audit::TenantNames tenant;
  for (const std::string& each : arguments.tenant) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) return std::fprintf(stderr, "pgward: --tenant is ATTRIBUTE=VALUE, as in the records' \"tenant\"\n"), 2;
    tenant.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  auto found = audit::read_subject_key(arguments.keys, tenant);
  if (const auto* fault = std::get_if<std::string>(&found)) return std::fprintf(stderr, "pgward: %s\n", fault->c_str()), 2;
  const auto key = std::get<std::shared_ptr<const audit::SubjectKey>>(std::move(found));
  if (!key) return std::fprintf(stderr, "pgward: there is no key of that tenant in %s: nobody of it has logged in, or it was erased\n", arguments.keys.c_str()), 2;
  std::string netstrings, out;
  for (const std::string& part : keys_given(arguments.key, std::cin)) audit::append_key_part(netstrings, part);
  audit::append_pseudonym(out, (arguments.table.empty() ? key->subjects() : key->records(arguments.table)).of(netstrings));
  std::printf("%s %s\n", key->kid().c_str(), out.c_str());
  return 0;
}

}  // namespace pgward::proxy
