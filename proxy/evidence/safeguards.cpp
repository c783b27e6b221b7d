#include "proxy/evidence/safeguards.h"

namespace pgward::proxy {
namespace {

using enum Whose;

constexpr Safeguard kSafeguards[] = {
    // 45 CFR 164.312, row by row
    {"164.312(a)(1)", "Access control", ours,
     "Default deny; the tenant comes from a verified credential; each statement gets the tenant's predicate and the settings that row-level security reads",
     "`pgward check --upstream`, `pgward explain`, `scripts/corpus isolation`", "configuration statements refusals"},
    {"164.312(a)(2)(i)", "Unique user identification", ours,
     "Each record names issuer and subject of a credential; a role of the database is never the identity; no permanent password is accepted", "`pgward audit what-did`",
     "people log-ins"},
    {"164.312(a)(2)(ii)", "Emergency access procedure", ours,
     "Roles for emergencies: a reason, minutes, told to people at once, an id in every record, signed off by somebody else", "`pgward break-glass list`, `tests/e2e/test_break_glass.py`",
     "emergencies"},
    {"164.312(a)(2)(iii)", "Automatic logoff", ours, "Idle timeout; a session ends with its credential, also inside a transaction", "`tests/e2e/test_session_life.py`", "configuration sessions"},
    {"164.312(a)(2)(iv)", "Encryption and decryption", partly,
     "The trail names records and patients by pseudonyms, or encrypted, under a key per tenant. Encryption of the tables at rest belongs to the database's storage",
     "`docs/audit.md`", "configuration"},
    {"164.312(b)", "Audit controls", ours,
     "A record of every statement that touches PHI, durable before its effect or its first row; no way to switch it off; a log that cannot be written stops what must be recorded",
     "`pgward audit verify`, `scripts/kill-test`", "trail statements samples"},
    {"164.312(c)(1)", "Integrity", partly,
     "Nobody changes another tenant's rows; changes are recorded with user and, where the policy asks for it, previous and new values. Corruption of storage is the database's",
     "`pgward audit history`, `scripts/corpus isolation`", "statements"},
    {"164.312(c)(2)", "Mechanism to authenticate ePHI", partly, "Where the policy asks for it, keyed hashes or ciphertexts of previous and new values, in a log whose alteration is found",
     "`pgward audit history`, `tests/e2e/test_tamper.py`", "trail statements"},
    {"164.312(d)", "Person or entity authentication", ours,
     "Signed tokens, certificates, SCRAM with credentials that live for minutes; a role may ask for a second factor (amr, acr); revocations cut open sessions",
     "`tests/auth`, `tests/e2e/test_credentials.py`", "log-ins configuration"},
    {"164.312(e)(1)", "Transmission security", ours, "TLS 1.2 and 1.3 on both sides, plaintext refused but on loopback and Unix sockets, the server verified by name", "`pgward check`",
     "log-ins configuration"},
    {"164.312(e)(2)(i)", "Integrity controls in transmission", ours, "The same TLS; upstream verify-full", "`tests/proxy/link_tls_test.cpp`", "configuration"},
    {"164.312(e)(2)(ii)", "Encryption in transmission", ours, "The same TLS", "`tests/proxy/link_tls_test.cpp`", "log-ins configuration"},
    // What else of part 164 a proxy has to do with
    {"164.308(a)(1)(ii)(D)", "Information system activity review", partly, "A queue of what should be looked at, with sign-off that is recorded; looking is people's work",
     "`pgward audit review`", "emergencies people refusals"},
    {"164.308(a)(3)(ii)(C)", "Termination procedures", partly, "A credential lives for minutes; revocation ends open sessions within a second. Telling us who has left is the organisation's",
     "`pgward revoke`, `tests/e2e/test_session_life.py`", "sessions configuration"},
    {"164.308(a)(5)(ii)(C)", "Log-in monitoring", ours, "Each log-in and each failure is recorded with its source; failures are slowed down", "`pgward audit logins --failed`", "log-ins"},
    {"164.308(a)(5)(ii)(D)", "Password management", ours, "No passwords are kept; SCRAM verifiers are derived from a key for credentials that expire", "`docs/authentication.md`", "log-ins"},
    {"164.308(a)(6)", "Security incident procedures", partly, "Who saw what by user or credential and time, as a list of patients; the plan and the clocks are the organisation's", "`pgward audit breach`", "refusals log-ins"},
    {"164.308(a)(7)", "Contingency plan", other, "Of the organisation: backups of the database and of the trail, a second pgward", "`docs/audit.md`", ""},
    {"164.316(b)(2)(i)", "Six years of documentation", ours, "Nothing is purged before six years and a day; legal holds; a purge is recorded", "`tests/audit/retention_test.cpp`", "trail configuration"},
    {"164.400-414", "Breach notification", partly, "The exact list of people from touched records, viewed or only queried; letters and deadlines are the organisation's", "`pgward audit breach`", ""},
    {"164.502(b), 164.514(d)", "Minimum necessary", partly, "Columns refused or masked by role; what is necessary is for the organisation to say", "`pgward explain --role`", "configuration"},
    {"164.528", "Accounting of disclosures", partly, "Date, recipient, what and from where, exact or honestly labelled; which recipients are disclosures is for the organisation to say",
     "`pgward audit accounting`", "statements"},
    // A list of technical, administrative and physical safeguards
    {"list 1", "Access controls: rows carry their clinic, and a bug of the application changes nothing", ours, "Predicate and row-level security, each without relying on the other",
     "`scripts/corpus isolation`", "statements refusals"},
    {"list 1", "No shared accounts", partly, "The identity is a person's or a service's credential; the identity provider must not share subjects. Subjects seen from many places are listed",
     "`pgward audit what-did`", "people"},
    {"list 1", "Automatic session timeout", ours, "30 minutes idle by default, and the end of the credential", "`tests/e2e/test_session_life.py`", "configuration sessions"},
    {"list 1", "Encryption at rest", other, "Of the database's storage. In the trail: pseudonyms or ciphertexts under a key per tenant", "`docs/audit.md`", ""},
    {"list 1", "Every read and write: who, which record, which fields, when, from where", ours, "Records with tables, columns, and the touched records and patients with an honest label", "`pgward audit who-saw`",
     "statements samples"},
    {"list 1", "A log that cannot be changed", ours, "Chain, tree, signed checkpoints, keys that are erased, anchors elsewhere", "`pgward audit verify`, `tests/e2e/test_tamper.py`", "trail"},
    {"list 1", "Strong authentication, second factor, short-lived service credentials", partly, "Required claims by role; 15 minutes at most by default. The second factor itself is the identity provider's",
     "`tests/auth/strength_test.cpp`", "log-ins configuration"},
    {"list 1", "Encryption in transit", ours, "TLS on both sides", "`pgward check`", "log-ins configuration"},
    {"list 1", "PHI is scrubbed before anything is logged", ours, "Errors and notices lose stored and sent values; pgward's own log has none; a filter for other logs", "`scripts/corpus scrub-errors`, `pgward scrub`", "configuration"},
    {"list 1", "Six years of records", ours, "As 164.316(b)(2)(i)", "`pgward audit verify`", "trail configuration"},
    {"list 1", "Incident response plan and its clocks", other, "Of the organisation; alerts of pgward can begin it", "", ""},
    {"list 1", "Security officer, yearly risk analysis, training, sanctions, vendors' agreements", other, "Of the organisation", "", ""},
    {"list 1", "Physical: data centre, workstations, disposal", other, "Of the organisation and its data centre", "", ""},
    // A sample security policy
    {"list 2", "A unique id and unique credentials for each user", ours, "As 164.312(a)(2)(i)", "`pgward audit logins`", "people log-ins"},
    {"list 2", "Emergency access by secured credentials, its records retrievable", ours, "As 164.312(a)(2)(ii); the trail is read without pgward or the database running", "`pgward break-glass list`", "emergencies"},
    {"list 2", "Log-off after 30 minutes", ours, "The default", "`tests/e2e/test_session_life.py`", "configuration sessions"},
    {"list 2", "Data encrypted at rest", other, "Of the database's storage", "", ""},
    {"list 2", "Each request is logged with its user", ours, "One record per statement that touches PHI, with actor, source and credential", "`pgward audit what-did`", "statements people"},
    {"list 2", "Logs are aggregated for historical review", ours, "Sinks with at-least-once delivery", "`docs/sinks.md`", "configuration"},
    {"list 2", "Credentials are kept as one-way hashes", ours, "None are kept", "`docs/authentication.md`", "log-ins"},
    {"list 2", "Previous and new values with the user's id", ours, "By table, as the policy says: keyed hashes or encrypted", "`pgward audit history`", "statements"},
    {"list 2", "A verified e-mail address", other, "Of the identity provider; pgward takes subjects from its tokens", "", ""},
    {"list 2", "TLS for all requests", ours, "As 164.312(e)(1)", "`pgward check`", "log-ins configuration"},
    {"list 2", "No access to the database outside the security process", other, "Of the database's network and pg_hba.conf: let only pgward in. pgward cannot see who goes around it", "`docs/threat-model.md`", ""},
};

}  // namespace

std::string_view name_of(Whose whose) {
  switch (whose) {
    case ours: return "yes";
    case partly: return "in part";
    case other: return "not ours";
  }
  return "";
}

std::span<const Safeguard> safeguards() { return kSafeguards; }

std::string safeguards_markdown() {
  std::string out = "| asked by | safeguard | pgward | how, or whose it is | shown by |\n|---|---|---|---|---|\n";
  for (const Safeguard& one : kSafeguards) {
    out.append("| ").append(one.asked_by).append(" | ").append(one.title).append(" | ").append(name_of(one.whose));
    out.append(" | ").append(one.how).append(" | ").append(one.shown_by).append(" |\n");
  }
  return out;
}

}  // namespace pgward::proxy
