// kafka_mock TOPIC: a Kafka cluster of one broker in this process (rdkafka_mock.h), for tests. Prints its address, then
// obeys lines on standard input and ends with it:
//
//   dump         every message so far, a JSON line each: key, headers, value; then an empty line
//   down, up     the broker takes no more connections, and loses those that it has; or does again
//   fail N       the next N produce requests are refused
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using Json = nlohmann::ordered_json;

rd_kafka_t* client(rd_kafka_type_t type, const char* brokers) {
  std::array<char, 256> wrong{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (brokers != nullptr) {
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, wrong.data(), wrong.size());
    rd_kafka_conf_set(conf, "group.id", "test", wrong.data(), wrong.size());
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", wrong.data(), wrong.size());
  }
  rd_kafka_t* made = rd_kafka_new(type, conf, wrong.data(), wrong.size());
  if (made == nullptr) std::exit((std::fprintf(stderr, "%s\n", wrong.data()), 1));
  return made;
}

Json shown(const rd_kafka_message_t* message) {
  Json out{{"key", std::string(static_cast<const char*>(message->key), message->key_len)}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      out["headers"][name] = std::string(static_cast<const char*>(value), size);
  }
  out["value"] = std::string(static_cast<const char*>(message->payload), message->len);
  return out;
}

constexpr std::int32_t kPartitions = 4;

void dump(const char* brokers, const std::string& topic) {
  rd_kafka_t* consumer = client(RD_KAFKA_CONSUMER, brokers);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(kPartitions);
  for (std::int32_t n = 0; n < kPartitions; ++n) rd_kafka_topic_partition_list_add(all, topic.c_str(), n)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, all);
  rd_kafka_topic_partition_list_destroy(all);
  for (int ends = 0, silent = 0; ends < kPartitions && silent < 200;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    silent = message == nullptr ? silent + 1 : 0;
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ends;
    else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) std::cout << shown(message).dump() << "\n";
    rd_kafka_message_destroy(message);
  }
  std::cout << std::endl;
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string topic = argc > 1 ? argv[1] : "audit";
  rd_kafka_t* owner = client(RD_KAFKA_PRODUCER, nullptr);
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(owner, 1);
  rd_kafka_mock_topic_create(cluster, topic.c_str(), kPartitions, 1);
  const char* brokers = rd_kafka_mock_cluster_bootstraps(cluster);
  std::cout << brokers << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "dump") dump(brokers, topic);
    if (line == "down") rd_kafka_mock_broker_set_down(cluster, 1);
    if (line == "up") rd_kafka_mock_broker_set_up(cluster, 1);
    if (line.starts_with("fail "))
      for (int n = std::atoi(line.c_str() + 5); n > 0; --n) rd_kafka_mock_push_request_errors(cluster, 0, 1, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    if (line != "dump") std::cout << "ok" << std::endl;
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(owner);
}
