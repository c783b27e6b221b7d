// What a client certificate says, and whom it stands for.
//
//   certificate_facts(certificate)          names, times, purpose; OpenSSL has verified the chain before
//   CertificateMap::create(rules, ..)       once, at start-up or reload
//   verify(facts, now)                      per log-in: the first rule whose pattern fits the certificate's name
//
// Strict where certificates are loose: a name with bytes that are no printable ASCII refuses the certificate (a NUL in a
// name has made one host of another before); two names of the kind that a rule looks at refuse it too, since which of
// them is meant nobody can say (SPIFFE allows one URI); it must say that it is for clients (EKU clientAuth), so that a
// server's certificate of the same authority lets nobody in.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/identity.h"

namespace pgward::auth {

enum class CertificateError {
  none_shown, chain, bad_name, not_for_clients, not_yet_valid, expired, lifetime_too_long, ambiguous_name, unknown_name,
  count_
};
std::string_view name_of(CertificateError error);

enum class NameKind { uri, dns, email, common_name };

struct CertificateFacts {
  std::vector<std::string> uris, dns_names, emails, common_names;
  std::string fingerprint;  // SHA-256 of the certificate, hex: its id in records and revocations
  std::string authority;    // key identifier of who signed it, hex; empty: it does not say
  UnixTime not_before = 0, not_after = 0;
  bool for_clients = false;

  const std::vector<std::string>& names(NameKind kind) const;
};

std::variant<CertificateFacts, CertificateError> certificate_facts(const X509& certificate);

// "spiffe://clinic.example/tenant/{clinic_id}/app/{app}": what stands in braces becomes a claim of that name. It is a run
// of letters, digits, '-' and '_' (in an e-mail address also '.' and '+'), as long as can be.
struct CertificateRule {
  NameKind kind = NameKind::uri;
  std::string pattern;
  std::vector<std::string> roles;             // "{role}": the one in the name
  std::map<std::string, std::string> claims;  // beside those in the name
};

class CertificateMap {
 public:
  // The error says what is wrong with which pattern.
  static std::variant<CertificateMap, std::string> create(std::vector<CertificateRule> rules, std::int64_t lifetime_max_s);
  std::variant<Identity, CertificateError> verify(const CertificateFacts& facts, UnixTime now) const;

 private:
  struct Piece {
    std::string text;  // literal, or the name of what stands in braces
    bool capture = false;
  };
  struct Rule {
    CertificateRule given;
    std::vector<Piece> pieces;
  };
  static std::variant<std::vector<Piece>, std::string> pieces_of(const CertificateRule& rule);
  static bool fits(const Rule& rule, std::string_view name, std::map<std::string, std::string, std::less<>>& captured);

  std::vector<Rule> rules_;
  std::int64_t lifetime_max_s_ = 0;
};

}  // namespace pgward::auth
