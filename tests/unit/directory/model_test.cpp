// The directory against a std::map under random changes, and its memory under churn.
#include <gtest/gtest.h>

#include <map>

#include "rollcall/core/text.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "sample.hpp"

namespace rollcall::directory {
namespace {

// Says what the directory must hold, in the plainest way.
class model {
  public:
    [[nodiscard]] const std::map<std::uint32_t, user_data>& users() const { return users_; }

    [[nodiscard]] static std::string key(const user_data& user) {
        std::string scratch;
        return std::string(fold(trim(user.get(field::email)), scratch));
    }

    // Whether the user could be stored: nobody else has its id or its e-mail.
    [[nodiscard]] bool accepts(const user_data& user) const {
        for (const auto& [uid, other] : users_) {
            if (uid == user.meta.uid) continue;
            const std::string& id = user.get(field::external_id);
            if (!id.empty() && id == other.get(field::external_id)) return false;
            if (!key(user).empty() && key(user) == key(other)) return false;
        }
        return true;
    }

    void put(const user_data& user) { users_[user.meta.uid] = user; }
    bool erase(std::uint32_t uid) { return users_.erase(uid) > 0; }

  private:
    std::map<std::uint32_t, user_data> users_;
};

user_data random_user(random_source& random, std::uint32_t uid) {
    user_data user = sample_user(uid);
    user.meta.fingerprint = random.next();
    user.meta.state = random.chance(0.2) ? user_state::inactive : user_state::active;
    user.meta.missing = static_cast<std::uint8_t>(random.below(4));
    user.meta.role = random.chance(0.1) ? user_role::owner : user_role::member;
    user.meta.manager = static_cast<std::uint32_t>(random.chance(0.3) ? 0 : random.next());
    for (owner& each : user.meta.ownership) each = static_cast<owner>(random.below(3));
    // Few ids and e-mails, so that users take them from each other.
    at(user, field::external_id) = random.chance(0.1) ? "" : std::to_string(random.below(80));
    static constexpr std::array names{"Ann@X.example", "ann2@x.example", "ZOË@x.example",
                                      "zoë2@x.example", "STRASSE@x.example"};
    at(user, field::email) = names[random.below(names.size())];
    if (random.chance(0.8)) at(user, field::email) += std::to_string(random.below(60));
    if (random.chance(0.1)) at(user, field::email).clear();
    // Seldom both of Reports To, which the mapping never gives, but nothing may be lost by.
    at(user, field::manager_id) = random.chance(0.3) ? "" : random_text(random, 8);
    at(user, field::manager_name) = random.chance(0.7) ? "" : random_text(random, 30);
    for (const field which :
         {field::first_name, field::last_name, field::avatar, field::attributes}) {
        at(user, which) = random_text(random, random.chance(0.02) ? 400 : 20);
    }
    at(user, field::department) = random_text(random, 1);
    at(user, field::job_title) = random_text(random, 2);
    if (random.chance(0.3)) user.start_date = {};
    if (random.chance(0.3)) user.leaving_date.days = static_cast<std::int32_t>(random.below(20000));
    return user;
}

void expect_equal(const tenant_directory& users, const model& expected) {
    ASSERT_EQ(users.verify(), std::nullopt);
    ASSERT_EQ(users.size(), expected.users().size());
    std::size_t active = 0;
    std::size_t bytes = 0;
    for (const auto& [uid, user] : expected.users()) {
        const user_ref which = users.find_by_uid(uid);
        ASSERT_NE(which, user_ref::none);
        ASSERT_EQ(own(users.values(which), users.meta(which)), user);
        if (!user.get(field::external_id).empty()) {
            ASSERT_EQ(users.find_by_id(user.get(field::external_id)), which);
        }
        if (!model::key(user).empty()) {
            ASSERT_EQ(users.find_by_email(model::key(user)), which);
        }
        ASSERT_EQ(users.brief(which), brief_of(user, users.epoch(which)));
        if (user.meta.state == user_state::active) ++active;
        for (const std::string& text : user.text) bytes += text.size();
        bytes += user.start_date != date{} ? 4u : 0u;
        bytes += user.leaving_date != date{} ? 4u : 0u;
    }
    ASSERT_EQ(users.active(), active);
    ASSERT_EQ(users.mapped_text_bytes(), bytes);
}

// Permutes the ids and e-mails of some users: what only put_all can do.
std::vector<user_data> permuted(random_source& random, const model& expected) {
    std::vector<user_data> some;
    for (const auto& [uid, user] : expected.users()) {
        if (random.chance(0.4)) some.push_back(user);
    }
    for (std::size_t i = 1; i < some.size(); ++i) {
        const std::size_t j = random.below(i + 1);
        std::swap(at(some[i], field::external_id), at(some[j], field::external_id));
        std::swap(at(some[i], field::email), at(some[random.below(i + 1)], field::email));
        at(some[i], field::last_name) = random_text(random, 30);
    }
    return some;
}

TEST(DirectoryModel, AgreesWithAMapUnderRandomChanges) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        random_source random(seed);
        tenant_directory users;
        model expected;
        for (int step = 0; step < 600; ++step) {
            const auto uid = static_cast<std::uint32_t>(1 + random.below(40));
            const double choice = random.unit();
            // So that changes find the order by uid there, and not there.
            if (random.chance(0.5)) {
                ASSERT_EQ(users.find_by_uid(uid) != user_ref::none, expected.users().contains(uid));
            }
            if (choice < 0.7) {
                const user_data user = random_user(random, uid);
                if (!expected.accepts(user)) continue;
                users.put(user);
                expected.put(user);
            } else if (choice < 0.85) {
                ASSERT_EQ(users.erase(uid), expected.erase(uid));
            } else if (choice < 0.95) {
                const std::vector<user_data> some = permuted(random, expected);
                users.put_all(some);
                for (const user_data& user : some) expected.put(user);
            } else {
                users.compact_if_worthwhile();
            }
            if (step % 20 == 0) ASSERT_NO_FATAL_FAILURE(expect_equal(users, expected));
        }
        ASSERT_NO_FATAL_FAILURE(expect_equal(users, expected));
    }
}

// Every text of every user changes; lengths differ from sweep to sweep.
std::vector<user_data> company(std::uint32_t size, std::uint32_t sweep) {
    random_source random(sweep);
    std::vector<user_data> people;
    for (std::uint32_t uid = 1; uid <= size; ++uid) {
        user_data user = sample_user(uid);
        at(user, field::last_name) += random_text(random, 20);
        at(user, field::first_name) += std::to_string(sweep);
        at(user, field::job_title) += " of sweep " + std::to_string(sweep);
        at(user, field::avatar) = "avatar-hash-" + std::to_string(sweep);
        people.push_back(std::move(user));
    }
    return people;
}

double memory_ratio(const tenant_directory& users) {
    return static_cast<double>(users.memory_bytes()) /
           static_cast<double>(users.mapped_text_bytes());
}

TEST(DirectoryMemory, IsBelowTheMappedTextAfterLoadAndAfterTenFullSweeps) {
    for (const std::uint32_t size : {50u, 100u, 500u, 5000u}) {
        SCOPED_TRACE(size);
        tenant_directory whole;
        tenant_directory one_by_one;
        for (std::uint32_t sweep = 0; sweep <= 10; ++sweep) {
            const std::vector<user_data> people = company(size, sweep);
            whole.put_all(people);
            for (const user_data& user : people) one_by_one.put(user);
            whole.compact_if_worthwhile();
            one_by_one.compact_if_worthwhile();
            EXPECT_LE(memory_ratio(whole), 1.15);
            EXPECT_LE(memory_ratio(one_by_one), 1.35);
        }
        EXPECT_EQ(whole.verify(), std::nullopt);
        EXPECT_EQ(one_by_one.verify(), std::nullopt);
        EXPECT_EQ(whole.mapped_text_bytes(), one_by_one.mapped_text_bytes());
    }
}

TEST(DirectoryMemory, ReturnsWhenEverybodyIsErased) {
    tenant_directory users;
    const std::size_t empty = users.memory_bytes();
    users.put_all(company(1000, 1));
    for (std::uint32_t uid = 1; uid <= 1000; uid += 2) users.erase(uid);
    users.compact_if_worthwhile();
    EXPECT_EQ(users.verify(), std::nullopt);
    EXPECT_LE(memory_ratio(users), 1.35);
    for (std::uint32_t uid = 2; uid <= 1000; uid += 2) users.erase(uid);
    users.compact_if_worthwhile();
    EXPECT_EQ(users.memory_bytes(), empty);
    EXPECT_EQ(users.verify(), std::nullopt);
}

} // namespace
} // namespace rollcall::directory
