#include "rollcall/directory/tenant_directory.hpp"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "sample.hpp"

namespace rollcall::directory {
namespace {

user_data read(const tenant_directory& users, user_ref which) {
    return own(users.values(which), users.meta(which));
}

TEST(TenantDirectory, FindsNobodyWhenEmpty) {
    const tenant_directory users;
    EXPECT_EQ(users.find_by_id("PW1"), user_ref::none);
    EXPECT_EQ(users.find_by_email("a@example.com"), user_ref::none);
    EXPECT_EQ(users.find_by_uid(1), user_ref::none);
    EXPECT_EQ(users.next(user_ref::none), user_ref::none);
    EXPECT_EQ(users.mapped_text_bytes(), 0u);
    EXPECT_EQ(users.dictionary_size(), 1u);
    EXPECT_EQ(users.verify(), std::nullopt);
    EXPECT_LE(users.memory_bytes(), 256u);
}

TEST(TenantDirectory, GivesBackWhatWasPut) {
    tenant_directory users;
    user_data user = sample_user(7);
    user.meta.state = user_state::inactive;
    user.meta.deactivated_by_us = true;
    user.meta.managed = false;
    user.meta.missing = 255;
    user.meta.role = user_role::owner;
    user.meta.manager = 0xfffffffe;
    user.leaving_date.days = 20000;
    at(user, field::avatar) = "0123456789abcdef";
    at(user, field::attributes) = R"({"cost_centre":"C1"})";
    const user_ref which = users.put(user);
    EXPECT_EQ(read(users, which), user);
    EXPECT_EQ(users.fingerprint(which), user.meta.fingerprint);
    EXPECT_FALSE(users.is_active(which));
    for (std::size_t i = 0; i < text_field_count; ++i) {
        EXPECT_EQ(users.text(which, static_cast<field>(i)), user.text[i]);
    }
    EXPECT_EQ(users.size(), 1u);
    EXPECT_EQ(users.active(), 0u);
}

TEST(TenantDirectory, KeepsTheOwnershipOfEveryField) {
    tenant_directory users;
    user_data user = sample_user(1);
    for (std::size_t i = 0; i < field_count; ++i) {
        user.meta.ownership[i] = static_cast<owner>(i % 3);
    }
    const user_ref which = users.put(user);
    EXPECT_EQ(users.meta(which).ownership, user.meta.ownership);
    user.meta.ownership.fill(owner::manual);
    EXPECT_EQ(users.meta(users.put(user)), user.meta);
}

TEST(TenantDirectory, KeepsBlankFieldsAndLongTexts) {
    tenant_directory users;
    user_data blank;
    blank.meta.uid = 1;
    user_data longest = sample_user(2);
    at(longest, field::last_name) = std::string(65535, 'x');
    at(longest, field::department) = std::string(65535, 'd');
    at(longest, field::attributes) = std::string(1'000'000, 'a');
    longest.leaving_date.days = -1;
    user_data long_email = sample_user(3);
    at(long_email, field::email) = std::string(300, 'A') + "@Example.com";
    users.put_all(std::vector{blank, longest, long_email});
    for (const user_data& user : {blank, longest, long_email}) {
        EXPECT_EQ(read(users, users.find_by_uid(user.meta.uid)), user);
    }
    EXPECT_EQ(users.find_by_id(""), user_ref::none);
    EXPECT_NE(users.find_by_email(std::string(300, 'a') + "@example.com"), user_ref::none);
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, KeepsReportsToAsAnIdOrANameOrBoth) {
    tenant_directory users;
    user_data by_id = sample_user(1);
    user_data by_name = sample_user(2);
    at(by_name, field::manager_id).clear();
    at(by_name, field::manager_name) = "Ann Lee";
    user_data by_both = sample_user(3);
    at(by_both, field::manager_name) = "Ann Lee";
    users.put_all(std::vector{by_id, by_name, by_both});
    for (const user_data& user : {by_id, by_name, by_both}) {
        EXPECT_EQ(read(users, users.find_by_uid(user.meta.uid)), user);
    }
    EXPECT_EQ(users.text(users.find_by_uid(2), field::manager_id), "");
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, TellsIdsApartByEveryLetter) {
    tenant_directory users;
    user_data padded = sample_user(1);
    user_data plain = sample_user(2);
    at(padded, field::external_id) = "0072";
    at(plain, field::external_id) = "72";
    users.put(padded);
    EXPECT_EQ(users.find_by_id("72"), user_ref::none);
    users.put(plain);
    EXPECT_EQ(users.meta(users.find_by_id("0072")).uid, 1u);
    EXPECT_EQ(users.meta(users.find_by_id("72")).uid, 2u);
    EXPECT_EQ(users.find_by_id("072"), user_ref::none);
}

TEST(TenantDirectory, FindsByFoldedEmailAndKeepsTheLettersOfTheSource) {
    tenant_directory users;
    const auto put_email = [&](std::uint32_t uid, std::string_view email) {
        user_data user = sample_user(uid);
        at(user, field::email) = email;
        users.put(user);
    };
    put_email(1, "Ann.Lee@Example.COM");
    put_email(2, "ZOË.Müller@example.com");
    put_email(3, "Straße@example.com");
    put_email(4, "josé@example.com");
    put_email(5, " Padded@Example.com ");
    const auto uid_of = [&](std::string_view folded) {
        const user_ref found = users.find_by_email(folded);
        return found == user_ref::none ? 0u : users.meta(found).uid;
    };
    EXPECT_EQ(uid_of("ann.lee@example.com"), 1u);
    EXPECT_EQ(uid_of("Ann.Lee@Example.COM"), 0u) << "what is asked for must be folded";
    EXPECT_EQ(uid_of("zoë.müller@example.com"), 2u);
    EXPECT_EQ(uid_of("strasse@example.com"), 3u);
    EXPECT_EQ(uid_of("josé@example.com"), 4u);
    EXPECT_EQ(uid_of("padded@example.com"), 5u);
    EXPECT_EQ(users.text(users.find_by_id("PW1"), field::email), "Ann.Lee@Example.COM");
    EXPECT_EQ(users.text(users.find_by_id("PW2"), field::email), "ZOË.Müller@example.com");
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, LetsAnyNumberOfUsersHaveNoEmail) {
    tenant_directory users;
    for (std::uint32_t uid = 1; uid <= 50; ++uid) {
        user_data user = sample_user(uid);
        at(user, field::email) = uid % 2 == 0 ? "" : "  ";
        users.put(user);
    }
    EXPECT_EQ(users.size(), 50u);
    EXPECT_EQ(users.find_by_email(""), user_ref::none);
    EXPECT_EQ(users.find_by_email("  "), user_ref::none);
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, ReplacesTheUserOfTheSameUidWhateverChanged) {
    tenant_directory users;
    users.put(sample_user(1));
    users.put(sample_user(2));
    user_data moved = sample_user(1);
    at(moved, field::external_id) = "PW900";
    users.put(moved); // found again by its e-mail
    EXPECT_EQ(users.find_by_id("PW1"), user_ref::none);
    at(moved, field::email) = "other@example.com";
    users.put(moved); // by its id
    at(moved, field::external_id) = "PW901";
    at(moved, field::email) = "third@example.com";
    users.put(moved); // by its uid only
    EXPECT_EQ(users.size(), 2u);
    EXPECT_EQ(users.find_by_email("other@example.com"), user_ref::none);
    EXPECT_EQ(read(users, users.find_by_id("PW901")), moved);
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, KeepsTheEpochOfAReplacedUser) {
    tenant_directory users;
    users.put_all(std::vector{sample_user(1), sample_user(2)});
    users.mark(users.find_by_id("PW1"), 5);
    users.mark(users.find_by_id("PW2"), 6);
    user_data longer = sample_user(1);
    at(longer, field::last_name) = std::string(200, 'x');
    EXPECT_EQ(users.epoch(users.put(longer)), 5u);
    users.put_all(std::vector{sample_user(3), sample_user(2)});
    EXPECT_EQ(users.epoch(users.find_by_id("PW2")), 6u);
    EXPECT_EQ(users.epoch(users.find_by_id("PW3")), 0u);
}

TEST(TenantDirectory, ExchangesIdsAndEmailsAmongAnyNumberOfUsers) {
    constexpr std::uint32_t count = 60;
    random_source random(11);
    tenant_directory users;
    std::vector<user_data> people;
    for (std::uint32_t uid = 1; uid <= count; ++uid) people.push_back(sample_user(uid));
    users.put_all(people);
    for (int round = 0; round < 50; ++round) {
        for (const field key : {field::external_id, field::email}) {
            for (std::size_t i = count - 1; i > 0; --i) {
                std::swap(at(people[i], key), at(people[random.below(i + 1)], key));
            }
        }
        users.put_all(people);
        ASSERT_EQ(users.verify(), std::nullopt);
        for (const user_data& person : people) {
            ASSERT_EQ(read(users, users.find_by_id(person.get(field::external_id))), person);
        }
    }
    // Two exchange, the others are not in the call.
    std::swap(at(people[3], field::email), at(people[4], field::email));
    users.put_all(std::span(people).subspan(3, 2));
    EXPECT_EQ(users.verify(), std::nullopt);
    EXPECT_EQ(users.size(), count);
}

TEST(TenantDirectory, NumbersDepartmentsAndLocationsDensely) {
    tenant_directory users;
    for (std::uint32_t uid = 1; uid <= 40; ++uid) users.put(sample_user(uid));
    std::set<std::uint32_t> departments;
    std::set<std::uint32_t> locations;
    users.for_each([&](user_ref which) {
        departments.insert(users.department_number(which));
        locations.insert(users.location_number(which));
        EXPECT_LT(users.department_number(which), users.dictionary_size());
    });
    EXPECT_EQ(departments.size(), 5u);
    EXPECT_EQ(locations.size(), 4u);
    EXPECT_EQ(users.dictionary_size(), 1u + 5 + 4 + 7 + 1);
    for (std::uint32_t uid = 1; uid <= 40; ++uid) users.erase(uid);
    EXPECT_EQ(users.dictionary_size(), 1u);
    user_data blank;
    blank.meta.uid = 99;
    EXPECT_EQ(users.department_number(users.put(blank)), 0u);
}

TEST(TenantDirectory, CountsEveryChangeInItsGeneration) {
    tenant_directory users;
    const auto before = users.generation();
    users.put(sample_user(1));
    const auto put = users.generation();
    EXPECT_GT(put, before);
    users.put_all(std::vector{sample_user(2), sample_user(3)});
    const auto put_all = users.generation();
    EXPECT_GT(put_all, put);
    users.mark(users.find_by_id("PW1"), 9);
    EXPECT_FALSE(users.erase(77));
    EXPECT_EQ(users.generation(), put_all) << "neither moves or changes a user";
    EXPECT_TRUE(users.erase(1));
    const auto erased = users.generation();
    EXPECT_GT(erased, put_all);
    users.compact_if_worthwhile();
    EXPECT_GT(users.generation(), erased) << "a compaction moves records under a walk";
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, WalksEveryUserOnceWithAndWithoutGaps) {
    tenant_directory users;
    for (std::uint32_t uid = 1; uid <= 30; ++uid) users.put(sample_user(uid));
    for (const std::uint32_t uid : {1u, 2u, 15u, 29u, 30u}) users.erase(uid);
    std::vector<std::uint32_t> walked;
    users.for_each([&](user_ref which) { walked.push_back(users.meta(which).uid); });
    std::vector<std::uint32_t> sliced;
    for (user_ref at = users.next(user_ref::none); at != user_ref::none; at = users.next(at)) {
        sliced.push_back(users.meta(at).uid);
    }
    EXPECT_EQ(walked.size(), 25u);
    EXPECT_EQ(walked, sliced);
    EXPECT_EQ(std::set(walked.begin(), walked.end()).size(), 25u);
}

TEST(TenantDirectory, GivesTheBriefOfAUserFromNarrowAndWideRecords) {
    tenant_directory users;
    user_data narrow = sample_user(1);
    narrow.leaving_date.days = 20001;
    narrow.meta.ownership[static_cast<std::size_t>(field::manager_id)] = owner::manual;
    user_data wide = sample_user(2);
    wide.leaving_date.days = -1;
    wide.meta.state = user_state::inactive;
    wide.meta.missing = 255;
    at(wide, field::last_name) = std::string(300, 'x');
    user_data dateless = sample_user(3);
    dateless.start_date = {};
    const std::vector people{narrow, wide, dateless};
    users.put_all(people);
    users.mark(users.find_by_uid(1), 9);
    std::size_t seen = 0;
    users.for_each_brief([&](user_ref which, const user_brief& brief) {
        EXPECT_EQ(brief, brief_of(people[brief.uid - 1], brief.uid == 1 ? 9 : 0));
        EXPECT_EQ(users.meta(which).uid, brief.uid);
        ++seen;
    });
    EXPECT_EQ(seen, 3u);
}

TEST(TenantDirectory, FindsByUidWhateverTheOrderAndTheGaps) {
    tenant_directory users;
    // Far apart at both ends, put out of order, and half of those between erased.
    static constexpr std::array<std::uint32_t, 2> ends{5, 0xfffffff0};
    for (const std::uint32_t uid : ends) users.put(sample_user(uid));
    for (std::uint32_t uid = 140; uid > 100; --uid) users.put(sample_user(uid));
    for (std::uint32_t uid = 101; uid <= 140; uid += 2) ASSERT_TRUE(users.erase(uid));
    const auto found = [&](std::uint32_t uid) {
        const user_ref which = users.find_by_uid(uid);
        return which != user_ref::none && users.brief(which).uid == uid;
    };
    for (std::uint32_t uid = 1; uid <= 200; ++uid) {
        EXPECT_EQ(found(uid), uid == 5 || (uid > 100 && uid <= 140 && uid % 2 == 0)) << uid;
    }
    EXPECT_TRUE(found(ends[1]));
    EXPECT_FALSE(found(ends[1] - 1));
    EXPECT_FALSE(found(0));
    EXPECT_FALSE(found(0xffffffff));
    EXPECT_TRUE(users.erase(102)) << "with the order there";
    EXPECT_FALSE(found(102));
    users.put(sample_user(102));
    EXPECT_TRUE(found(102));
    EXPECT_EQ(users.verify(), std::nullopt);
}

TEST(TenantDirectory, GivesTheOrderByUidBackWhenItCompacts) {
    tenant_directory users;
    for (std::uint32_t uid = 1; uid <= 100; ++uid) users.put(sample_user(uid));
    users.compact_if_worthwhile();
    const std::size_t at_rest = users.memory_bytes();
    ASSERT_NE(users.find_by_uid(1), user_ref::none);
    EXPECT_EQ(users.memory_bytes(), at_rest + 400);
    users.compact_if_worthwhile();
    EXPECT_EQ(users.memory_bytes(), at_rest);
}

TEST(TenantDirectory, MovesWithItsUsers) {
    static_assert(std::is_nothrow_move_constructible_v<tenant_directory>);
    tenant_directory users;
    users.put(sample_user(1));
    tenant_directory moved = std::move(users);
    EXPECT_NE(moved.find_by_id("PW1"), user_ref::none);
}

using TenantDirectoryDeathTest = ::testing::Test;

TEST(TenantDirectoryDeathTest, RefusesAnIdOrEmailOfAnotherUser) {
    tenant_directory users;
    users.put(sample_user(1));
    user_data same_id = sample_user(2);
    at(same_id, field::external_id) = "PW1";
    EXPECT_DEATH(users.put(same_id), "check failed");
    user_data same_email = sample_user(2);
    at(same_email, field::email) = "PERSON.1@EXAMPLE.COM";
    EXPECT_DEATH(users.put(same_email), "check failed");
    EXPECT_DEATH(users.put_all(std::vector{same_email}), "check failed");
    EXPECT_DEATH(users.put_all(std::vector{sample_user(2), sample_user(2)}), "check failed");
    user_data unnumbered = sample_user(3);
    unnumbered.meta.uid = 0;
    EXPECT_DEATH(users.put(unnumbered), "check failed");
}

} // namespace
TEST(TenantDirectory, TryPutRefusesWhatBelongsToSomebodyElseAndChangesNothing) {
    tenant_directory users;
    user_data ann;
    ann.meta.uid = 1;
    ann.text[static_cast<std::size_t>(field::external_id)] = "PW1";
    ann.text[static_cast<std::size_t>(field::email)] = "ann@example.com";
    ASSERT_NE(users.try_put(ann), user_ref::none);
    auto same_id = ann;
    same_id.meta.uid = 2;
    same_id.text[static_cast<std::size_t>(field::email)] = "other@example.com";
    same_id.text[static_cast<std::size_t>(field::department)] = "Works";
    auto same_email = ann;
    same_email.meta.uid = 3;
    same_email.text[static_cast<std::size_t>(field::external_id)] = "PW3";
    same_email.text[static_cast<std::size_t>(field::email)] = "ANN@example.com";
    const auto before = users.generation();
    EXPECT_EQ(users.try_put(same_id), user_ref::none);
    EXPECT_EQ(users.try_put(same_email), user_ref::none);
    EXPECT_EQ(users.size(), 1u);
    EXPECT_EQ(users.generation(), before);
    EXPECT_EQ(users.verify(), std::nullopt);
}

} // namespace rollcall::directory
