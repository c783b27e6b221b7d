#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "auth/base64.h"
#include "auth/ephemeral.h"
#include "auth/mint.h"
#include "proxy/cli/commands.h"
#include "proxy/config/config.h"
#include "proxy/config/secrets.h"
#include "proxy/net/fd.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string key, new_key, jwks, algorithm = "ES256", ttl = "10m";
  std::string ephemeral_key, new_ephemeral_key, key_id;
  auth::MintRequest request;
  std::vector<std::string> claims;
};

int fail(const std::string& text) {
  std::fprintf(stderr, "pgward token: %s\n", text.c_str());
  return 1;
}

bool write_file(const std::string& file, std::string_view text, mode_t mode) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  return fd && ::fchmod(fd.get(), mode) == 0 && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// "30s", "10m", "1h": seconds; 0 when it is none of these.
std::int64_t seconds_of(const std::string& text) {
  std::size_t used = 0;
  std::int64_t value = 0;
  try {
    value = std::stoll(text, &used);
  } catch (const std::exception&) {
    return 0;
  }
  const std::string unit = text.substr(used);
  return value * (unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0);
}

int make_key(const Arguments& arguments) {
  if (arguments.jwks.empty()) return fail("--new-key needs --jwks FILE for the public half");
  auto made = auth::new_key(arguments.algorithm);
  if (auto* error = std::get_if<auth::MintError>(&made)) return fail(error->text);
  const auto& key = std::get<auth::NewKey>(made);
  if (!write_file(arguments.new_key, key.private_key_pem.reveal(), 0600)) return fail("cannot write " + arguments.new_key);
  if (!write_file(arguments.jwks, key.jwks, 0644)) return fail("cannot write " + arguments.jwks);
  std::fprintf(stderr, "pgward token: made a DEVELOPMENT key; production keys belong to your identity provider\n");
  return 0;
}

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The claims and the time to live; empty: all is well.
std::string complete(Arguments& arguments) {
  for (const std::string& claim : arguments.claims) {
    const auto equals = claim.find('=');
    if (equals == std::string::npos || equals == 0) return "--claim expects NAME=VALUE";
    arguments.request.claims[claim.substr(0, equals)] = claim.substr(equals + 1);
  }
  arguments.request.ttl_s = seconds_of(arguments.ttl);
  if (arguments.request.ttl_s <= 0) return "--ttl expects a time such as 30s, 10m or 1h";
  arguments.request.now = now_s();
  return {};
}

int make_ephemeral_key(const Arguments& arguments) {
  std::string bytes(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), 32) != 1) return fail("no random numbers");
  const auth::Secret text(auth::base64_encode(bytes));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return write_file(arguments.new_ephemeral_key, text.reveal(), 0600) ? 0 : fail("cannot write " + arguments.new_ephemeral_key);
}

// Two lines that a shell can take in: the password is on standard output only, never among the arguments.
int mint_user(Arguments& arguments) {
  if (const std::string wrong = complete(arguments); !wrong.empty()) return fail(wrong);
  if (arguments.request.roles.size() != 1) return fail("an ephemeral credential has exactly one --role");
  auto secret = read_secret(arguments.ephemeral_key);
  if (!secret) return fail("cannot read " + arguments.ephemeral_key);
  auto made = auth::mint_ephemeral({arguments.key_id, std::move(*secret)},
                                   {arguments.request.subject, arguments.request.roles[0], arguments.request.claims,
                                    arguments.request.ttl_s, arguments.request.now});
  if (auto* error = std::get_if<auth::MintError>(&made)) return fail(error->text);
  const auto& credential = std::get<auth::EphemeralCredential>(made);
  const std::string_view password = credential.password.reveal();
  std::printf("PGUSER=%s\nPGPASSWORD=%.*s\n", credential.user.c_str(), static_cast<int>(password.size()), password.data());
  return 0;
}

int mint(Arguments& arguments) {
  if (arguments.key.empty()) return fail("--key, --new-key, --ephemeral-key or --new-ephemeral-key FILE is required");
  if (const std::string wrong = complete(arguments); !wrong.empty()) return fail(wrong);
  auto text = read_file(arguments.key);
  if (!text) return fail("cannot read " + arguments.key);
  auth::Secret key(std::move(*text));
  auto token = auth::mint_token(key, arguments.request);
  if (auto* error = std::get_if<auth::MintError>(&token)) return fail(error->text);
  std::printf("%s\n", std::get<std::string>(token).c_str());
  std::fprintf(stderr, "pgward token: this is a DEVELOPMENT token, signed with a local key\n");
  return 0;
}

}  // namespace

void add_token(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("token", "Mint a development token from a local key (never for production), or an ephemeral user name and password");
  command->add_option("--key", arguments->key, "private key (PEM) to sign with");
  command->add_option("--issuer", arguments->request.issuer, "iss");
  command->add_option("--audience", arguments->request.audience, "aud");
  command->add_option("--subject", arguments->request.subject, "sub: who the person or service is");
  command->add_option("--role", arguments->request.roles, "a role; may be repeated")->expected(1)->take_all();
  command->add_option("--claim", arguments->claims, "NAME=VALUE, as in clinic_id=7; may be repeated")->expected(1)->take_all();
  command->add_option("--ttl", arguments->ttl, "how long it is valid: 30s, 10m, 1h")->capture_default_str();
  command->add_option("--kid", arguments->request.kid, "key id; default: the key's thumbprint");
  command->add_option("--new-key", arguments->new_key, "make a key pair: write the private key to this file");
  command->add_option("--jwks", arguments->jwks, "with --new-key: write the public key set to this file");
  command->add_option("--alg", arguments->algorithm, "with --new-key: ES256, RS256 or EdDSA")->capture_default_str();
  command->add_option("--ephemeral-key", arguments->ephemeral_key, "file with the key that pgward shares: mint a user name and a password");
  command->add_option("--key-id", arguments->key_id, "with --ephemeral-key: the key's id in the configuration");
  command->add_option("--new-ephemeral-key", arguments->new_ephemeral_key, "write a new shared key to this file");
  command->callback([arguments, &status] {
    if (!arguments->new_ephemeral_key.empty()) status = make_ephemeral_key(*arguments);
    else if (!arguments->ephemeral_key.empty()) status = mint_user(*arguments);
    else status = arguments->new_key.empty() ? mint(*arguments) : make_key(*arguments);
  });
}

}  // namespace pgward::proxy
