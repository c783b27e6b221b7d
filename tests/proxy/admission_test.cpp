// Who is let in when many come.
#include "proxy/net/admission.h"

#include <gtest/gtest.h>

#include <variant>
#include <vector>

namespace pgward::proxy::test {
namespace {

using enum Admission::Verdict;

TEST(AdmissionTest, above_the_limit_clients_are_told_and_below_it_they_are_welcome_again) {
  Admission admission({2, 10, 10, 10});
  auto one = admission.enter("a");
  EXPECT_EQ(one.verdict(), welcome);
  {
    auto two = admission.enter("b");
    EXPECT_EQ(two.verdict(), welcome);
    EXPECT_EQ(admission.enter("c").verdict(), full);
    EXPECT_EQ(admission.enter("c").verdict(), full);
  }
  EXPECT_EQ(admission.enter("c").verdict(), welcome);
}

TEST(AdmissionTest, an_address_has_a_limit_of_its_own_and_a_unix_socket_has_not) {
  Admission admission({10, 1, 10, 10});
  auto one = admission.enter("a"), two = admission.enter("b");
  EXPECT_EQ(one.verdict(), welcome);
  EXPECT_EQ(two.verdict(), welcome);
  EXPECT_EQ(admission.enter("a").verdict(), full);
  auto local = admission.enter(""), another = admission.enter("");
  EXPECT_EQ(local.verdict(), welcome);
  EXPECT_EQ(another.verdict(), welcome);
}

TEST(AdmissionTest, only_so_many_are_on_their_way_in) {
  Admission admission({10, 10, 2, 1});
  auto one = admission.enter("a");
  EXPECT_EQ(admission.enter("a").verdict(), turned_away);
  auto two = admission.enter("b");
  EXPECT_EQ(admission.enter("c").verdict(), turned_away);
  one.logged_in();
  one.logged_in();  // said twice, counted once
  auto three = admission.enter("a");
  EXPECT_EQ(three.verdict(), welcome);
  EXPECT_EQ(admission.enter("c").verdict(), turned_away);
}

TEST(AdmissionTest, a_slot_gives_back_what_it_took_wherever_it_went) {
  Admission admission({1, 1, 1, 1});
  for (int i = 0; i < 5; ++i) {
    auto slot = admission.enter("a");
    EXPECT_EQ(slot.verdict(), welcome);
    std::vector<Admission::Slot> elsewhere;
    elsewhere.push_back(std::move(slot));
    if (i % 2 == 0) elsewhere.back().logged_in();
  }
}

TEST(AdmissionTest, who_counts_as_one) {
  auto group = [](const char* text) {
    return address_group(std::get<std::vector<Address>>(parse_address(text)).front());
  };
  EXPECT_EQ(group("192.0.2.1:1"), group("192.0.2.1:2"));
  EXPECT_NE(group("192.0.2.1:1"), group("192.0.2.2:1"));
  EXPECT_EQ(group("[::ffff:192.0.2.1]:1"), group("192.0.2.1:1"));
  EXPECT_EQ(group("[2001:db8::1]:1"), group("[2001:db8::ffff:1]:1"));
  EXPECT_NE(group("[2001:db8::1]:1"), group("[2001:db8:0:1::1]:1"));
  EXPECT_EQ(group("unix:/tmp/x"), "");
}

TEST(Admission, so_many_a_second_and_no_more) {
  AdmissionLimits limits;
  limits.per_second = 10;
  Admission admission(limits);
  int let_in = 0;
  for (int i = 0; i < 100; ++i) let_in += admission.enter("a", 5000).verdict() == Admission::Verdict::welcome;
  EXPECT_EQ(let_in, 10);
  EXPECT_EQ(admission.enter("b", 5099).verdict(), Admission::Verdict::turned_away);
  EXPECT_EQ(admission.enter("b", 5100).verdict(), Admission::Verdict::welcome);
  EXPECT_EQ(admission.enter("b", 5100).verdict(), Admission::Verdict::turned_away);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(admission.enter("b", 9000).verdict(), Admission::Verdict::welcome);
  EXPECT_EQ(admission.enter("b", 9000).verdict(), Admission::Verdict::turned_away);
}

}  // namespace
}  // namespace pgward::proxy::test
