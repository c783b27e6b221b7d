// A Kafka topic, by librdkafka: acks=all from an idempotent producer, so within one connection each record is there once
// and in its order. A load that was not acknowledged whole is sent again by a new producer: a consumer tells what it has
// by the headers log, seq and part.
#pragma once

#include <librdkafka/rdkafka.h>
#include <sys/socket.h>

#include <memory>

#include "proxy/config/sinks.h"
#include "proxy/sinks/sink.h"

namespace pgward::proxy {

// connect(2), to loopback addresses only: a broker names the others of its cluster, wherever they are, and without TLS
// nobody but ourselves must hear what we say. errno, or 0. As rd_kafka_conf_set_connect_cb() wants it, so from any thread.
int connect_to_loopback(int socket, const sockaddr* to, int size, const char* id, void* opaque);

class KafkaSink final : public Sink {
 public:
  KafkaSink(const SinkPlace& place, const Stop& stop) : place_(place), stop_(stop) {}
  ~KafkaSink() override { give_up(); }
  std::optional<std::string> deliver(std::span<const Parcel> parcels) override;

 private:
  // What a producer's callbacks know, all of them called within our own poll().
  struct Progress {
    std::size_t waiting = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string last;  // what librdkafka said of the connection
  };
  static void reported(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  static void troubled(rd_kafka_t*, int error, const char* reason, void* opaque);

  std::optional<std::string> connect();
  rd_kafka_resp_err_t produce(const Parcel& parcel, std::size_t part);
  bool settled();  // all that was sent is decided; false: time is over
  void give_up();

  const SinkPlace& place_;
  const Stop& stop_;
  Progress progress_;
  rd_kafka_t* producer_ = nullptr;
};

}  // namespace pgward::proxy
