#include "proxy/sinks/syslog.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "proxy/net/addresses.h"
#include "proxy/net/tls_context.h"

namespace pgward::proxy {
namespace {

constexpr std::int64_t kStepMs = 10'000;  // a connection, a handshake, a write that does not move
constexpr std::int64_t kFarewellMs = 500;  // behind its close_notify, for the end of the connection
constexpr int kFacility = 13;             // log audit (RFC 5424, table 1)

std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "-";
  std::string text(name.data());
  std::erase_if(text, [](char c) { return c < 33 || c > 126; });
  return text.empty() ? "-" : text;
}

// A value of structured data (6.3.3).
void append_value(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  ((out += ' ') += name) += "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  out += '"';
}

std::string failure(std::string_view step, int error) {
  std::string text(step);
  text += ": ";
  return text += std::error_code(error, std::generic_category()).message();
}

}  // namespace

std::string syslog_message(const Parcel& parcel, std::string_view text, std::string_view host, std::string_view process) {
  std::string out = "<";
  out += std::to_string(kFacility * 8 + parcel.severity);
  out += ">1 ";
  out += parcel.ts;  // RFC 3339 with six digits, as 6.2.3 wants it
  ((out += ' ') += host) += " pgward ";
  (out += process) += ' ';
  out += std::string_view(parcel.type).substr(0, 32);  // MSGID
  // 32473 is the number that RFC 5612 keeps for documents: ours is not registered.
  out += " [pgward@32473";
  append_value(out, "log", parcel.log);
  append_value(out, "seq", std::to_string(parcel.seq));
  append_value(out, "hash", parcel.hash);
  append_value(out, "session", parcel.session);
  out += "] \xEF\xBB\xBF";
  return out += text;
}

SyslogSink::SyslogSink(const SinkPlace& place, const Stop& stop) : place_(place), stop_(stop), host_(own_name()), process_(std::to_string(::getpid())) {}

std::string SyslogSink::reason() const {
  if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
    std::string text = "its certificate is not accepted: ";
    return text += X509_verify_cert_error_string(verified);
  }
  std::array<char, 160> text{};
  const unsigned long error = ERR_peek_last_error();
  if (error == 0) return errno != 0 ? failure("the connection was lost", errno) : "the connection was lost, or time is over";
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

template <class Step>
bool SyslogSink::drive(const Step& step) {
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int done = step();
    if (done > 0) return true;
    const int wanted = SSL_get_error(ssl_.get(), done);
    if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) return false;
    if (!stop_.ready(socket_.get(), wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, kStepMs)) return errno = ETIMEDOUT, false;
  }
}

std::optional<std::string> SyslogSink::connect() {
  ssl_.reset();
  // Anew each time: certificates are rotated by replacing their files.
  auto made = client_context(place_.ca.empty() ? "" : place_.ca.string(), place_.certificate.empty() ? "" : place_.certificate.string(), place_.key.empty() ? "" : place_.key.string());
  if (auto* wrong = std::get_if<std::string>(&made)) return std::move(*wrong);
  const SslContext& context = std::get<SslContext>(made);
  // An end without close_notify may be anybody's: it must not pass for an acknowledgement.
  SSL_CTX_clear_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  auto resolved = resolve(place_.host, place_.port);
  if (auto* wrong = std::get_if<std::string>(&resolved)) return std::move(*wrong);
  int error = ENOENT;
  for (const Address& address : std::get<std::vector<Address>>(resolved)) {
    socket_ = Fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    socklen_t size = sizeof error;
    error = 0;
    if (::connect(socket_.get(), address.get(), address.size) != 0 && (error = errno) == EINPROGRESS) {
      if (!stop_.ready(socket_.get(), POLLOUT, kStepMs)) error = ETIMEDOUT;
      else if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
    if (error == 0) break;
  }
  if (error != 0) return failure("cannot connect", error);
  ssl_.reset(SSL_new(context.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.get()) != 1) return "out of memory";
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, place_.host.c_str()) != 1) {
    if (SSL_set1_host(ssl_.get(), place_.host.c_str()) != 1) return "out of memory";
    SSL_set_tlsext_host_name(ssl_.get(), place_.host.c_str());
  }
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (!drive([this] { return SSL_connect(ssl_.get()); })) return "TLS: " + reason();
  return std::nullopt;
}

// True: the other side has said that it is one. It may say whatever it likes before, for as long as a step may take. A fatal
// alert sets SSL_RECEIVED_SHUTDOWN, too, and says the contrary: it is not what has to be asked for.
bool SyslogSink::read_to_the_end() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kStepMs);
  std::array<char, 4096> ignored{};
  for (bool ended = false; !ended;) {
    const auto one = [&] {
      const int n = SSL_read(ssl_.get(), ignored.data(), static_cast<int>(ignored.size()));
      ended = n <= 0 && SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
      return ended ? 1 : n;
    };
    if (!drive(one)) return false;
    if (!ended && (stop_.is_now() || std::chrono::steady_clock::now() > until)) return errno = ETIMEDOUT, false;
  }
  return true;
}

// True: it may have read all. Who closes a connection with bytes that it has not read resets it: then its end was no answer
// to ours, as when it is being stopped. One that leaves the connection open is believed.
bool SyslogSink::closed_in_order() {
  char next = 0;
  if (!stop_.ready(socket_.get(), POLLIN, kFarewellMs)) return !stop_.is_now();
  return ::recv(socket_.get(), &next, 1, 0) >= 0 || errno != ECONNRESET;
}

std::optional<std::string> SyslogSink::deliver(std::span<const Parcel> parcels) {
  if (auto wrong = connect()) return wrong;
  std::string bytes;
  for (const Parcel& parcel : parcels)
    for (const std::string& text : parcel.texts) {
      const std::string message = syslog_message(parcel, text, host_, process_);
      ((bytes += std::to_string(message.size())) += ' ') += message;
    }
  for (std::string_view rest = bytes; !rest.empty();) {
    std::size_t written = 0;
    if (!drive([&] { return SSL_write_ex(ssl_.get(), rest.data(), rest.size(), &written); })) return reason();
    rest.remove_prefix(written);
  }
  // The end in order: ours, and then theirs. What a receiver says meanwhile is of no interest.
  if (!drive([this] { return SSL_shutdown(ssl_.get()) >= 0 ? 1 : -1; })) return "at the end: " + reason();
  const bool ended = read_to_the_end() && closed_in_order();
  std::string why = ended ? "" : "the receiver did not say that it has read all: " + reason();
  ssl_.reset();
  socket_.reset();
  return ended ? std::nullopt : std::optional(std::move(why));
}

}  // namespace pgward::proxy
