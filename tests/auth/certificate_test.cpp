// Whom a client certificate stands for.
#include "auth/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <memory>

#include "auth/openssl_handles.h"

namespace pgward::auth {
namespace {

using namespace std::string_literals;

constexpr UnixTime kNow = 1'800'000'000;

CertificateFacts facts() {
  CertificateFacts made;
  made.uris = {"spiffe://clinic.test/tenant/7/app/billing"};
  made.fingerprint = "ab";
  made.not_before = kNow - 60;
  made.not_after = kNow + 3600;
  made.for_clients = true;
  return made;
}
CertificateMap map_of(std::vector<CertificateRule> rules) {
  return std::get<CertificateMap>(CertificateMap::create(std::move(rules), 86400));
}
const CertificateRule kSpiffe{NameKind::uri, "spiffe://clinic.test/tenant/{clinic_id}/app/{app}", {"clinician"}, {{"region", "north"}}};

TEST(CertificateMap, a_name_becomes_an_identity) {
  const auto verified = map_of({kSpiffe}).verify(facts(), kNow);
  ASSERT_TRUE(std::holds_alternative<Identity>(verified));
  const auto& identity = std::get<Identity>(verified);
  EXPECT_EQ(identity.subject, "spiffe://clinic.test/tenant/7/app/billing");
  EXPECT_EQ(identity.roles, std::vector<std::string>{"clinician"});
  EXPECT_EQ(identity.claims.at("clinic_id"), "7");
  EXPECT_EQ(identity.claims.at("app"), "billing");
  EXPECT_EQ(identity.claims.at("region"), "north");
  EXPECT_EQ(identity.credential_id, "ab");
  EXPECT_EQ(identity.expires_at, kNow + 3600);
}

struct Bad {
  const char* name;
  std::function<void(CertificateFacts&)> spoil;
  CertificateError error;
};
class BadCertificateTest : public testing::TestWithParam<Bad> {};
TEST_P(BadCertificateTest, is_refused) {
  auto shown = facts();
  GetParam().spoil(shown);
  const auto verified = map_of({kSpiffe, {NameKind::dns, "{app}.apps.clinic.test", {"{app}"}, {}}}).verify(shown, kNow);
  ASSERT_TRUE(std::holds_alternative<CertificateError>(verified));
  EXPECT_EQ(name_of(std::get<CertificateError>(verified)), name_of(GetParam().error));
}
void uri_is(CertificateFacts& f, const char* uri) { f.uris = {uri}; }
using F = CertificateFacts;
INSTANTIATE_TEST_SUITE_P(, BadCertificateTest, testing::Values(
    Bad{"for_servers", [](F& f) { f.for_clients = false; }, CertificateError::not_for_clients},
    Bad{"expired_this_second", [](F& f) { f.not_after = kNow; }, CertificateError::expired},
    Bad{"not_yet", [](F& f) { f.not_before = kNow + 1; }, CertificateError::not_yet_valid},
    Bad{"too_long_a_life", [](F& f) { f.not_after = f.not_before + 86401; }, CertificateError::lifetime_too_long},
    Bad{"two_uris", [](F& f) { f.uris.push_back("spiffe://clinic.test/tenant/8/app/billing"); }, CertificateError::ambiguous_name},
    Bad{"the_same_twice", [](F& f) { f.uris.push_back(f.uris[0]); }, CertificateError::ambiguous_name},
    Bad{"no_name", [](F& f) { f.uris.clear(); }, CertificateError::unknown_name},
    Bad{"another_domain", [](F& f) { uri_is(f, "spiffe://other.test/tenant/7/app/billing"); }, CertificateError::unknown_name},
    Bad{"more_behind", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant/7/app/billing/x"); }, CertificateError::unknown_name},
    Bad{"less", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant/7/app/"); }, CertificateError::unknown_name},
    Bad{"more_in_front", [](F& f) { uri_is(f, "xspiffe://clinic.test/tenant/7/app/billing"); }, CertificateError::unknown_name},
    Bad{"empty_tenant", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant//app/billing"); }, CertificateError::unknown_name},
    Bad{"a_path_in_the_tenant", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant/7/8/app/billing"); }, CertificateError::unknown_name},
    Bad{"percent_in_the_tenant", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant/%37/app/billing"); }, CertificateError::unknown_name},
    Bad{"query_behind", [](F& f) { uri_is(f, "spiffe://clinic.test/tenant/7/app/billing?x=1"); }, CertificateError::unknown_name},
    Bad{"capitals_in_a_uri", [](F& f) { uri_is(f, "SPIFFE://clinic.test/tenant/7/app/billing"); }, CertificateError::unknown_name},
    Bad{"two_hosts", [](F& f) { f.uris.clear(); f.dns_names = {"a.apps.clinic.test", "b.apps.clinic.test"}; }, CertificateError::ambiguous_name},
    Bad{"a_dot_in_the_host", [](F& f) { f.uris.clear(); f.dns_names = {"a.b.apps.clinic.test"}; }, CertificateError::unknown_name},
    Bad{"wild_card", [](F& f) { f.uris.clear(); f.dns_names = {"*.apps.clinic.test"}; }, CertificateError::unknown_name},
    Bad{"only_a_common_name", [](F& f) { f.uris.clear(); f.common_names = {"billing"}; }, CertificateError::unknown_name}),
    [](const auto& one) { return one.param.name; });

TEST(CertificateMap, other_kinds_of_names) {
  auto shown = facts();
  shown.uris.clear();
  shown.dns_names = {"Billing.Apps.clinic.test"};
  shown.emails = {"joy.k+1@clinic.test"};
  shown.common_names = {"batch 7"};
  auto of = [&](CertificateRule rule) { return std::get<Identity>(map_of({std::move(rule)}).verify(shown, kNow)); };
  EXPECT_EQ(of({NameKind::dns, "{app}.apps.CLINIC.test", {"{app}"}, {}}).roles, std::vector<std::string>{"billing"});
  EXPECT_EQ(of({NameKind::email, "{who}@clinic.test", {"clinician"}, {}}).claims.at("who"), "joy.k+1");
  EXPECT_EQ(of({NameKind::common_name, "batch {clinic_id}", {"clinician"}, {}}).claims.at("clinic_id"), "7");
  // A claim of the rule's own cannot be taken over by the name.
  EXPECT_EQ(of({NameKind::common_name, "batch {clinic_id}", {"clinician"}, {{"clinic_id", "9"}}}).claims.at("clinic_id"), "9");
}

TEST(CertificateMap, patterns_that_are_none_are_told) {
  for (const char* pattern : {"", "{", "}", "a}", "{}", "{a", "{a}{b}", "{a}b", "x/{a}/{a}", "{a b}", "{a}-x"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(CertificateMap::create({{NameKind::uri, pattern, {"r"}, {}}}, 60))) << pattern;
  }
  EXPECT_TRUE(std::holds_alternative<std::string>(CertificateMap::create({{NameKind::uri, "a/{b}", {}, {}}}, 60)));
  EXPECT_TRUE(std::holds_alternative<std::string>(CertificateMap::create({{NameKind::uri, "a/{b}", {"{c}"}, {}}}, 60)));
}

// A certificate with the given extensions, signed by itself: the chain is not this file's affair.
struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
std::unique_ptr<X509, X509Deleter> certificate(const std::vector<std::pair<int, std::string>>& extensions, std::string_view cn = {}) {
  std::unique_ptr<X509, X509Deleter> made(X509_new());
  KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  X509_set_version(made.get(), 2);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), kNow - 60);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), kNow + 60);
  X509_set_pubkey(made.get(), key.get());
  if (!cn.empty())
    X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(cn.data()), static_cast<int>(cn.size()), -1, 0);
  for (const auto& [nid, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(made.get(), key.get(), EVP_sha256());
  return made;
}

TEST(CertificateFacts, are_read_as_they_stand) {
  const auto shown = certificate({{NID_subject_alt_name, "URI:spiffe://a/b,DNS:c.test,email:d@e.test,IP:127.0.0.1"},
                                  {NID_ext_key_usage, "clientAuth"}}, "Batch 7");
  const auto read = certificate_facts(*shown);
  ASSERT_TRUE(std::holds_alternative<CertificateFacts>(read));
  const auto& one = std::get<CertificateFacts>(read);
  EXPECT_EQ(one.uris, std::vector<std::string>{"spiffe://a/b"});
  EXPECT_EQ(one.dns_names, std::vector<std::string>{"c.test"});
  EXPECT_EQ(one.emails, std::vector<std::string>{"d@e.test"});
  EXPECT_EQ(one.common_names, std::vector<std::string>{"Batch 7"});
  EXPECT_EQ(one.not_after, kNow + 60);
  EXPECT_EQ(one.fingerprint.size(), 64u);
  EXPECT_TRUE(one.for_clients);
}

TEST(CertificateFacts, a_certificate_for_servers_or_for_nothing_is_not_for_clients) {
  EXPECT_FALSE(std::get<CertificateFacts>(certificate_facts(*certificate({{NID_ext_key_usage, "serverAuth"}}))).for_clients);
  EXPECT_FALSE(std::get<CertificateFacts>(certificate_facts(*certificate({}))).for_clients);
}

TEST(CertificateFacts, names_with_odd_bytes_refuse_the_certificate) {
  for (const auto& name : {"a\0b"s, "a\nb"s, " "s, "caf\xc3\xa9"s, ""s}) {
    auto shown = certificate({});
    GENERAL_NAMES* names = GENERAL_NAMES_new();
    GENERAL_NAME* one = GENERAL_NAME_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    GENERAL_NAME_set0_value(one, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, one);
    X509_add1_ext_i2d(shown.get(), NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
    GENERAL_NAMES_free(names);
    const auto read = certificate_facts(*shown);
    ASSERT_TRUE(std::holds_alternative<CertificateError>(read)) << name;
    EXPECT_EQ(std::get<CertificateError>(read), CertificateError::bad_name);
  }
  EXPECT_TRUE(std::holds_alternative<CertificateError>(certificate_facts(*certificate({}, "a\0b"s))));
}

}  // namespace
}  // namespace pgward::auth
