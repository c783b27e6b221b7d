#include "proxy/net/client_tls.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace pgward::proxy {
namespace {

constexpr int kChainLengthMax = 8;

int fault_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Whatever was wrong first stays noted; SSL_get_verify_result() knows only what was looked at last.
int note_fault(int fine, X509_STORE_CTX* store) {
  static char noted;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (!fine && ssl) SSL_set_ex_data(ssl, fault_index(), &noted);
  return 1;
}

std::string end_point_of(X509* certificate) {
  int digest_id = NID_undef;
  if (!certificate || X509_get_signature_info(certificate, &digest_id, nullptr, nullptr, nullptr) != 1 || digest_id == NID_undef)
    return {};  // Ed25519: there is no such binding, and the server has none either
  if (digest_id == NID_md5 || digest_id == NID_sha1) digest_id = NID_sha256;  // RFC 5929, section 4.1
  const EVP_MD* digest = EVP_get_digestbynid(digest_id);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!digest || X509_digest(certificate, digest, bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string fault(const std::string& what, const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return what + ' ' + file + " cannot be used: " + (reason ? reason : "unknown reason");
}

}  // namespace

ClientTls client_tls_of(const SSL* ssl, bool alpn) {
  ClientTls tls;
  tls.alpn = alpn;
  if (!ssl) return tls;
  tls.version = SSL_get_version(ssl);
  tls.end_point = end_point_of(SSL_get_certificate(ssl));
  if (const X509* shown = SSL_get0_peer_certificate(ssl)) {
    if (SSL_get_ex_data(ssl, fault_index()) || SSL_get_verify_result(ssl) != X509_V_OK) tls.certificate = auth::CertificateError::chain;
    else tls.certificate = auth::certificate_facts(*shown);
  }
  ERR_clear_error();
  return tls;
}

std::optional<std::string> ask_for_certificates(SSL_CTX* context, const std::string& ca_file, const std::string& crl_file) {
  fault_index();
  if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) return fault("CA file", ca_file);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
  if (!names) return fault("CA file", ca_file);
  SSL_CTX_set_client_CA_list(context, names);  // drivers choose by it
  if (!crl_file.empty()) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, crl_file.c_str(), X509_FILETYPE_PEM) < 1) return fault("CRL file", crl_file);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  SSL_CTX_set_verify_depth(context, kChainLengthMax);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, note_fault);
  return std::nullopt;
}

}  // namespace pgward::proxy
