// Jobs from several threads, a queue with an end, and an end in the middle of it. Run it under TSan as well.
#include "proxy/net/job_pool.h"

#include <gtest/gtest.h>

#include <latch>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

std::shared_ptr<PlanJob> job(const std::string& sql) {
  const std::vector<std::string> path{"pg_catalog", "public"};
  return std::make_shared<PlanJob>(sql, policy::QueryProtocol::simple, small_world(), "ehr", "clinician", &path, nullptr, 1);
}

TEST(JobPoolTest, every_job_is_run_once_and_told_of) {
  constexpr int kThreads = 4;
  constexpr int kJobs = 50;
  std::latch done(std::ptrdiff_t{kThreads} * kJobs);
  std::vector<std::vector<std::shared_ptr<PlanJob>>> all(kThreads);
  JobPool pool(2, std::size_t{1} << 20);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < kJobs; ++k) {
        all[static_cast<std::size_t>(i)].push_back(job("select name from patients where id = " + std::to_string(k)));
        ASSERT_TRUE(pool.submit(all[static_cast<std::size_t>(i)].back(), [&] { done.count_down(); }));
      }
    });
  for (auto& thread : threads) thread.join();
  done.wait();
  for (const auto& list : all)
    for (const auto& one : list) {
      ASSERT_TRUE(one->done());
      EXPECT_FALSE(one->take().edits.empty());
    }
}

TEST(JobPoolTest, a_full_queue_turns_away_but_always_lets_one_in) {
  JobPool nobody(0, 100);
  EXPECT_TRUE(nobody.submit(job(std::string(1000, 'x')), [] {}));
  EXPECT_FALSE(nobody.submit(job("select 1"), [] {}));
}

TEST(JobPoolTest, what_waits_at_the_end_is_forgotten) {
  bool told = false;
  auto waiting = job("select 1");
  {
    JobPool nobody(0, 100);
    ASSERT_TRUE(nobody.submit(waiting, [&] { told = true; }));
  }
  EXPECT_FALSE(told);
  EXPECT_FALSE(waiting->done());
}

}  // namespace
}  // namespace pgward::proxy::test
