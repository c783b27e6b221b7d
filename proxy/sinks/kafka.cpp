#include "proxy/sinks/kafka.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "proxy/config/config.h"
#include "proxy/config/secrets.h"
#include "proxy/net/addresses.h"

namespace pgward::proxy {
namespace {

constexpr int kPollMs = 50;
constexpr std::int64_t kSettleMs = 15'000;  // behind message.timeout.ms: the library has decided by then
constexpr const char *kMessageMs = "10000", *kMessageBytes = "2000000";

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void silent(const rd_kafka_t*, int, const char*, const char*) {}

std::string joined(const std::vector<std::string>& brokers) {
  std::string list;
  for (const std::string& broker : brokers) (list += list.empty() ? "" : ",") += broker;
  return list;
}

}  // namespace

int connect_to_loopback(int socket, const sockaddr* to, int size, const char*, void*) {
  Address address;
  if (size <= 0 || static_cast<std::size_t>(size) > sizeof address.storage) return EINVAL;
  address.size = static_cast<socklen_t>(size);
  std::memcpy(&address.storage, to, address.size);
  if (!is_loopback(address)) return EACCES;
  return ::connect(socket, address.get(), address.size) == 0 || errno == EINPROGRESS ? 0 : errno;
}

void KafkaSink::reported(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& progress = *static_cast<Progress*>(opaque);
  if (progress.waiting > 0) --progress.waiting;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) progress.error = message->err;
}

void KafkaSink::troubled(rd_kafka_t*, int, const char* reason, void* opaque) {
  static_cast<Progress*>(opaque)->last = reason != nullptr ? reason : "";
}

std::optional<std::string> KafkaSink::connect() {
  std::vector<std::pair<std::string, std::string>> settings{{"bootstrap.servers", joined(place_.brokers)}, {"client.id", "pgward"}, {"enable.idempotence", "true"}, {"acks", "all"},
                                                            {"message.timeout.ms", kMessageMs}, {"message.max.bytes", kMessageBytes}, {"linger.ms", "5"}, {"topic.metadata.refresh.interval.ms", "60000"}};
  settings.emplace_back("security.protocol", place_.tls ? (place_.user.empty() ? "ssl" : "sasl_ssl") : (place_.user.empty() ? "plaintext" : "sasl_plaintext"));
  if (place_.tls) {
    settings.emplace_back("ssl.endpoint.identification.algorithm", "https");
    if (!place_.ca.empty()) settings.emplace_back("ssl.ca.location", place_.ca.string());
    if (!place_.certificate.empty()) settings.emplace_back("ssl.certificate.location", place_.certificate.string());
    if (!place_.key.empty()) settings.emplace_back("ssl.key.location", place_.key.string());
  }
  if (!place_.user.empty()) {
    const auto password = place_.password_env.empty() ? read_secret(place_.password_file) : take_environment(place_.password_env);
    if (!password) return "the password cannot be read";
    settings.insert(settings.end(), {{"sasl.mechanisms", "SCRAM-SHA-512"}, {"sasl.username", place_.user}, {"sasl.password", std::string(password->reveal())}});
  }
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> wrong{};
  bool good = true;
  std::string bad;
  for (auto& [name, value] : settings) {
    if (good && rd_kafka_conf_set(conf, name.c_str(), value.c_str(), wrong.data(), wrong.size()) != RD_KAFKA_CONF_OK) {
      good = false;
      bad = "librdkafka does not take its setting " + name;  // its own words may hold the value
    }
    if (name == "sasl.password") OPENSSL_cleanse(value.data(), value.size());
  }
  progress_ = {};
  rd_kafka_conf_set_opaque(conf, &progress_);
  rd_kafka_conf_set_dr_msg_cb(conf, reported);
  rd_kafka_conf_set_error_cb(conf, troubled);
  rd_kafka_conf_set_log_cb(conf, silent);
  if (!place_.tls) rd_kafka_conf_set_connect_cb(conf, connect_to_loopback);
  if (good) producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, wrong.data(), wrong.size());
  if (producer_ != nullptr) return std::nullopt;
  rd_kafka_conf_destroy(conf);
  return good ? std::string("no producer: ") + wrong.data() : bad;
}

rd_kafka_resp_err_t KafkaSink::produce(const Parcel& parcel, std::size_t part) {
  const std::string& text = parcel.texts[part];
  const std::string& key = place_.key_session && !parcel.session.empty() ? parcel.session : parcel.log;
  const std::string seq = std::to_string(parcel.seq), number = std::to_string(parcel.first_part + part);
  const auto header = [](rd_kafka_headers_t* all, const char* name, const std::string& value) { rd_kafka_header_add(all, name, -1, value.data(), static_cast<ssize_t>(value.size())); };
  rd_kafka_headers_t* headers = rd_kafka_headers_new(5);
  header(headers, "log", parcel.log);
  header(headers, "seq", seq);
  header(headers, "part", number);
  header(headers, "hash", parcel.hash);
  header(headers, "type", parcel.type);
  const auto error = rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(place_.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                                       RD_KAFKA_V_VALUE(const_cast<char*>(text.data()), text.size()), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  else ++progress_.waiting;
  return error;
}

bool KafkaSink::settled() {
  const std::int64_t until = steady_ms() + kSettleMs;
  while (progress_.waiting > 0 && progress_.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (stop_.is_now() || steady_ms() > until) return false;
    rd_kafka_poll(producer_, kPollMs);
  }
  return progress_.waiting == 0;
}

void KafkaSink::give_up() {
  if (producer_ == nullptr) return;
  rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  rd_kafka_destroy_flags(producer_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  producer_ = nullptr;
}

std::optional<std::string> KafkaSink::deliver(std::span<const Parcel> parcels) {
  if (producer_ == nullptr)
    if (auto wrong = connect()) return wrong;
  progress_.waiting = 0;
  progress_.error = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (const Parcel& parcel : parcels)
    for (std::size_t part = 0; part < parcel.texts.size() && progress_.error == RD_KAFKA_RESP_ERR_NO_ERROR; ++part) {
      auto error = produce(parcel, part);
      while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL && !stop_.is_now() && progress_.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_poll(producer_, kPollMs);
        error = produce(parcel, part);
      }
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) progress_.error = error;
    }
  if (settled() && progress_.error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  std::string why = progress_.error == RD_KAFKA_RESP_ERR_NO_ERROR ? "no acknowledgement in time" : rd_kafka_err2str(progress_.error);
  if (!progress_.last.empty()) (why += " (") += progress_.last + ")";
  give_up();
  return why;
}

}  // namespace pgward::proxy
