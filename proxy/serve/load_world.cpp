#include "proxy/serve/load_world.h"

#include <algorithm>
#include <chrono>

#include "auth/oauth_bearer.h"
#include "policy/against_catalog.h"
#include "policy/file.h"
#include "proxy/config/secrets.h"
#include "proxy/upstream/catalog_reader.h"
#include "proxy/upstream/connect.h"
#include "proxy/upstream/survey_reader.h"

namespace pgward::proxy {
namespace {

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Builder {
 public:
  // `key_sets`: null where nothing is asked over the network.
  Builder(const Config& config, LoadedWorld& loaded, KeySets* key_sets) : config_(config), loaded_(loaded), key_sets_(key_sets) {}

  void mistake(const policy::Place& place, std::string text) { loaded_.mistakes.push_back({place, std::move(text)}); }
  policy::Place file_place() const { return {config_.file.string(), 1, 1}; }

  std::shared_ptr<const policy::Policy> policy() {
    if (config_.policy.empty()) {
      policy::Policy empty;
      empty.mode = policy::Mode::predicate;
      empty.unlisted = policy::Unlisted::allow;
      empty.source_sha256 = "empty";
      return std::make_shared<const policy::Policy>(std::move(empty));
    }
    const auto text = read_file(config_.policy);
    if (!text) {
      mistake({config_.policy.string(), 1, 1}, "cannot be read");
      return nullptr;
    }
    policy::Loaded loaded = policy::load_policy(*text, config_.policy.string());
    loaded_.mistakes.insert(loaded_.mistakes.end(), loaded.mistakes.begin(), loaded.mistakes.end());
    if (loaded.policy) texts(*loaded.policy);
    return loaded.policy ? std::make_shared<const policy::Policy>(std::move(*loaded.policy)) : nullptr;
  }

  // What the scrubber could not use: the policy itself knows no templates.
  void texts(const policy::Policy& policy) {
    for (const auto& text : policy.allowed_texts)
      if (const auto wrong = rules::AllowedTexts::mistake(text.text); !wrong.empty())
        mistake(text.place, "allowed text " + std::string(wrong));
  }

  std::shared_ptr<const auth::EphemeralVerifier> ephemeral() {
    if (!config_.ephemeral) return nullptr;
    std::vector<auth::EphemeralKey> keys;
    for (const auto& one : config_.ephemeral->keys) {
      auto secret = read_secret(one.file);
      if (!secret) mistake(one.place, "the key file cannot be read");
      else keys.push_back({one.id, std::move(*secret)});
    }
    auto made = auth::EphemeralVerifier::create(std::move(keys), config_.ephemeral->lifetime_max_s, config_.ephemeral->clock_skew_s);
    if (auto* error = std::get_if<std::string>(&made)) return mistake(config_.ephemeral->place, "ephemeral: " + *error), nullptr;
    return std::make_shared<const auth::EphemeralVerifier>(std::move(std::get<auth::EphemeralVerifier>(made)));
  }

  std::shared_ptr<const auth::CertificateMap> certificates() {
    if (!config_.client_certificates) return nullptr;
    const CertificateFiles& files = *config_.client_certificates;
    auto made = auth::CertificateMap::create(files.identities, files.lifetime_max_s);
    if (auto* error = std::get_if<std::string>(&made)) return mistake(files.place, "certificates: " + *error), nullptr;
    return std::make_shared<const auth::CertificateMap>(std::move(std::get<auth::CertificateMap>(made)));
  }

  std::shared_ptr<const auth::JwtVerifier> verifier() {
    if (config_.issuers.empty()) return nullptr;
    std::vector<auth::IssuerConfig> issuers;
    for (const IssuerFile& one : config_.issuers) {
      auto jwks = key_set(one);
      if (!jwks) continue;
      auth::IssuerConfig issuer;
      issuer.issuer = one.issuer;
      issuer.audience = one.audience;
      issuer.jwks = std::move(*jwks);
      issuer.roles_claim = one.roles_claim;
      issuer.lifetime_max_s = one.lifetime_max_s;
      issuer.clock_skew_s = one.clock_skew_s;
      issuers.push_back(std::move(issuer));
    }
    if (issuers.empty()) return nullptr;
    auto made = auth::JwtVerifier::create(std::move(issuers));
    if (auto* error = std::get_if<std::string>(&made)) {
      mistake(file_place(), "auth: " + *error);
      return nullptr;
    }
    return std::make_shared<const auth::JwtVerifier>(std::move(std::get<auth::JwtVerifier>(made)));
  }

  // Nothing: its tokens are not accepted until it is there.
  std::optional<std::string> key_set(const IssuerFile& one) {
    if (one.jwks_url.empty()) {
      auto text = read_file(one.jwks);
      if (!text) mistake(one.place, "the JWKS file cannot be read");
      return text;
    }
    if (!key_sets_) return std::nullopt;
    auto answer = key_sets_->text({one.jwks_url, one.jwks_ca.string(), one.jwks_stale_max_s}, unix_seconds());
    if (!answer.fault.empty()) loaded_.unfetched.emplace(one.issuer, std::move(answer.fault));
    if (!answer.text) loaded_.keys_missing = true;
    return std::move(answer.text);
  }

  void tls(NetWorld& net) {
    if (!config_.certificate.empty()) {
      auto context = server_context(config_.certificate.string(), config_.key.string(), config_.tls13_only,
                                    config_.client_certificates ? config_.client_certificates->ca.string() : "",
                                    config_.client_certificates ? config_.client_certificates->crl.string() : "");
      if (auto* error = std::get_if<std::string>(&context)) mistake(file_place(), *error);
      else net.client_tls = std::shared_ptr<SSL_CTX>(std::get<SslContext>(std::move(context)));
    }
    if (!encrypted()) return;
    net.upstream_tls = upstream_tls(config_.upstream_login);
    for (const auto& [role, login] : config_.upstream_roles) net.upstream_tls_of.try_emplace(login.user, upstream_tls(login));
  }

  // Secrets that cannot be read are no mistake of a file: `check` may run where they are not.
  void upstream(Upstream& into, const policy::Policy* policy) {
    into = {config_.upstream_host, config_.upstream_login.user, password(config_.upstream_login), encrypted(), config_.databases};
    for (const auto& [role, login] : config_.upstream_roles) {
      if (policy && !policy->passes_everything() && !policy->roles.contains(role))
        mistake(login.place, "upstream: the policy has no role " + role);
      into.roles.emplace(role, Upstream::Login{login.user, password(login)});
    }
  }

  // As each of the users that sessions may have there.
  void catalogs(World& world, const World* known) {
    std::map<std::string, const UpstreamLoginFiles*> users{{config_.upstream_login.user, &config_.upstream_login}};
    for (const auto& [role, login] : config_.upstream_roles) users.emplace(login.user, &login);
    for (const std::string& database : config_.databases)
      for (const auto& [user, login] : users) {
        const std::string name = catalog_name(database, user, config_.upstream_login.user);
        auto read = catalog(world, database, name, *login, known);
        if (auto* error = std::get_if<std::string>(&read)) loaded_.unread.emplace(name, *error);
        else if (auto& catalog = std::get<Shared>(read)) world.catalogs.emplace(name, std::move(catalog));
      }
  }

 private:
  using Shared = std::shared_ptr<const policy::Catalog>;

  bool encrypted() const { return config_.upstream_tls && !config_.upstream_host.starts_with("/"); }

  auth::Secret password(const UpstreamLoginFiles& login) {
    auto secret = upstream_password(login);
    if (!secret) loaded_.password_missing = true;
    return secret ? std::move(*secret) : auth::Secret();
  }

  std::shared_ptr<SSL_CTX> upstream_tls(const UpstreamLoginFiles& login) {
    auto context = client_context(config_.upstream_ca.string(), login.certificate.string(), login.key.string());
    if (auto* error = std::get_if<std::string>(&context)) return mistake(login.place, *error), nullptr;
    return std::shared_ptr<SSL_CTX>(std::get<SslContext>(std::move(context)));
  }

  // What is wrong for one user is mostly wrong for all.
  void add_once(std::vector<policy::Mistake> findings) {
    for (auto& finding : findings)
      if (std::none_of(loaded_.mistakes.begin(), loaded_.mistakes.end(), [&](const auto& one) { return one.line() == finding.line(); }))
        loaded_.mistakes.push_back(std::move(finding));
  }

  // Null when the database does not match the policy: then it is not served. A text when it cannot be read.
  std::variant<Shared, std::string> catalog(const World& world, const std::string& database, const std::string& name,
                                            const UpstreamLoginFiles& login, const World* known) {
    auto connected = connect_upstream(config_, database, login);
    if (auto* error = std::get_if<std::string>(&connected)) return *error;
    PGconn* connection = std::get<Connection>(connected).get();
    // Judged already, and found good: only a database that may be served is in a World.
    if (known && known->policy->source_sha256 == world.policy->source_sha256)
      if (auto old = known->catalogs.find(name); old != known->catalogs.end()) {
        auto unchanged = catalog_unchanged(connection, *old->second);
        if (auto* error = std::get_if<std::string>(&unchanged)) return *error;
        if (std::get<bool>(unchanged)) return old->second;
      }
    auto read = read_catalog(connection);
    if (auto* error = std::get_if<std::string>(&read)) return *error;
    auto fresh = std::make_shared<policy::Catalog>(std::move(std::get<policy::Catalog>(read)));
    fresh->version = world.version;
    if (world.policy->passes_everything()) return Shared(fresh);
    auto survey = read_survey(connection, SurveyDepth::walls);
    if (auto* error = std::get_if<std::string>(&survey)) return *error;
    auto findings = policy::check_against(*world.policy, *fresh, &std::get<policy::Survey>(survey));
    const bool served = !policy::has_errors(findings);
    add_once(std::move(findings));
    return served ? Shared(fresh) : Shared();
  }

  const Config& config_;
  LoadedWorld& loaded_;
  KeySets* key_sets_;
};

}  // namespace

LoadedWorld load_world(const Config& config, std::uint64_t version, bool offline, const World* known, KeySets* key_sets) {
  KeySets fetched_now(fetch_key_set);
  LoadedWorld loaded;
  Builder builder(config, loaded, offline ? nullptr : key_sets ? key_sets : &fetched_now);
  auto net = std::make_shared<NetWorld>();
  auto world = std::make_shared<World>();
  world->version = version;
  world->policy = builder.policy();
  if (world->policy)
    for (const auto& text : world->policy->allowed_texts) world->allowed_texts.add(text.text, text.sqlstate, text.place.text());
  if (!config.issuers.empty())
    world->oauth_failure = auth::oauth_failure(config.oauth_issuer.empty() ? config.issuers[0].issuer : config.oauth_issuer, config.oauth_scope);
  world->access = config.access;
  world->strength = config.strength;
  world->verifier = builder.verifier();
  world->ephemeral = builder.ephemeral();
  world->certificates = builder.certificates();
  builder.tls(*net);
  builder.upstream(net->upstream, world->policy.get());
  auto addresses = resolve(config.upstream_host, config.upstream_port);
  if (std::holds_alternative<std::vector<Address>>(addresses))  // else the catalogs cannot be read either
    net->upstream_addresses = std::get<std::vector<Address>>(std::move(addresses));
  if (policy::has_errors(loaded.mistakes)) return loaded;
  if (!offline) builder.catalogs(*world, known);
  net->world = std::move(world);
  loaded.net = std::move(net);
  return loaded;
}

}  // namespace pgward::proxy
