// Users for the tests, made from a number.
#pragma once
#include <string>
#include <string_view>

#include "rollcall/core/random.hpp"
#include "rollcall/directory/tenant_directory.hpp"
#include "rollcall/directory/user.hpp"

namespace rollcall::directory {

inline std::string& at(user_data& user, field which) {
    return user.text[static_cast<std::size_t>(which)];
}

inline user_data sample_user(std::uint32_t uid) {
    user_data user;
    user.meta.uid = uid;
    user.meta.fingerprint = 0x9e3779b97f4a7c15u * uid;
    user.meta.created_by_us = true;
    user.meta.ownership.fill(owner::ours);
    const std::string n = std::to_string(uid);
    at(user, field::external_id) = "PW" + n;
    at(user, field::email) = "ZOË.Example" + n + "@Example.com";
    if (uid % 3 != 0) at(user, field::email) = "Person." + n + "@Example.com";
    at(user, field::first_name) = uid % 5 == 0 ? "Łucja" : "Alexandra";
    at(user, field::last_name) = "O'Neill-" + n;
    at(user, field::job_title) = "Senior Specialist " + std::to_string(uid % 7);
    at(user, field::location) = "Site " + std::to_string(uid % 4);
    at(user, field::department) = "Department " + std::to_string(uid % 5);
    at(user, field::company) = "Example Holdings Ltd";
    if (uid % 11 == 0) {
        at(user, field::manager_name) = "Zoë Person-" + std::to_string(uid / 8);
    } else {
        at(user, field::manager_id) = "PW" + std::to_string(uid / 8);
    }
    user.meta.manager = uid / 8;
    if (uid % 50 == 1) user.meta.role = user_role::owner;
    if (uid % 6 == 0) at(user, field::attributes) = R"({"cost_centre":"CC)" + n + R"("})";
    user.start_date.days = 17000 + static_cast<std::int32_t>(uid % 1000);
    return user;
}

// What the brief of a stored user must be.
inline user_brief brief_of(const user_data& user, std::uint32_t epoch) {
    return {.uid = user.meta.uid,
            .epoch = epoch,
            .manager = user.meta.manager,
            .start_date = user.start_date,
            .leaving_date = user.leaving_date,
            .state = user.meta.state,
            .role = user.meta.role,
            .manager_owner = user.meta.ownership[static_cast<std::size_t>(field::manager_id)],
            .missing = user.meta.missing,
            .managed = user.meta.managed,
            .created_by_us = user.meta.created_by_us,
            .deactivated_by_us = user.meta.deactivated_by_us};
}

// A text of up to `bytes_max` letters, often blank, seldom not ASCII.
inline std::string random_text(random_source& random, std::uint64_t bytes_max) {
    std::string text;
    if (random.chance(0.2)) return text;
    const std::uint64_t bytes = random.below(bytes_max + 1);
    while (text.size() < bytes) text += static_cast<char>('a' + random.below(26));
    if (random.chance(0.1)) text += "Ärger";
    return text;
}

} // namespace rollcall::directory
