// Companies with texts shaped like those of real HR data, the same for the same numbers.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/random.hpp"
#include "rollcall/directory/user.hpp"

namespace rollcall::bench {

using directory::field;
using directory::user_data;

namespace words {
inline constexpr std::array<std::string_view, 24> first{
    "Oliver", "Amelia",  "Siobhán", "Mohammed",  "Zoë",   "Grzegorz",  "Charlotte", "Łucja",
    "Jack",   "Priya",   "Héctor",  "Francesca", "Wei",   "Alexander", "Olivia",    "Søren",
    "Emma",   "Nikolai", "Chloé",   "Benjamin",  "Aoife", "Thomas",    "Margaret",  "Björn"};
inline constexpr std::array<std::string_view, 24> last{"Smith",
                                                       "O'Brien",
                                                       "Müller",
                                                       "Kowalczyk",
                                                       "Patel",
                                                       "Nguyễn",
                                                       "Williams",
                                                       "García",
                                                       "Johnson",
                                                       "Thompson",
                                                       "Fitzgerald",
                                                       "Øster",
                                                       "Robinson",
                                                       "Okonkwo",
                                                       "Papadopoulos",
                                                       "Lee",
                                                       "Wright",
                                                       "Åkesson",
                                                       "Hughes",
                                                       "Ivanova",
                                                       "Macdonald",
                                                       "Singh",
                                                       "Featherstonehaugh",
                                                       "Green"};
inline constexpr std::array<std::string_view, 8> level{
    "Junior", "Senior", "Lead", "Principal", "Assistant", "Head of", "Deputy", "Trainee"};
inline constexpr std::array<std::string_view, 12> trade{"Software Engineer",
                                                        "Account Manager",
                                                        "Finance Analyst",
                                                        "Care Worker",
                                                        "Project Manager",
                                                        "Warehouse Operative",
                                                        "HR Business Partner",
                                                        "Sales Executive",
                                                        "Product Designer",
                                                        "Customer Success Manager",
                                                        "Teacher",
                                                        "Data Engineer"};
inline constexpr std::array<std::string_view, 20> department{"Engineering",
                                                             "Finance",
                                                             "Human Resources",
                                                             "Sales",
                                                             "Marketing",
                                                             "Customer Success",
                                                             "Legal & Compliance",
                                                             "Operations",
                                                             "Product",
                                                             "Procurement",
                                                             "Facilities",
                                                             "IT Support",
                                                             "Research & Development",
                                                             "Quality Assurance",
                                                             "Executive",
                                                             "Logistics",
                                                             "Training",
                                                             "Field Services",
                                                             "Communications",
                                                             "Internal Audit"};
inline constexpr std::array<std::string_view, 10> location{
    "London",      "Manchester",         "Edinburgh Park", "Birmingham HQ",     "Zürich",
    "Remote - UK", "Dublin (Sandyford)", "Cardiff Bay",    "Leeds City Office", "New York"};
} // namespace words

template <std::size_t Size>
std::string_view pick(random_source& random, const std::array<std::string_view, Size>& from) {
    return from[random.below(Size)];
}

inline std::string lower_letters(std::string_view name) {
    std::string letters;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c + ('a' - 'A'));
        if (c >= 'a' && c <= 'z') letters += c;
    }
    return letters;
}

// The employees of one tenant. `version` changes the texts of everybody, with other lengths.
inline std::vector<user_data> company(std::uint32_t tenant, std::uint32_t size,
                                      std::uint32_t version) {
    random_source of_tenant(tenant);
    const std::string name = std::string(pick(of_tenant, words::last)) + " & " +
                             std::string(pick(of_tenant, words::last));
    const std::string domain = lower_letters(name) + ".co.uk";
    // 60 of the 96 titles are this tenant's; the common ones are held by most.
    const std::uint64_t titles_from = of_tenant.below(96);
    std::vector<user_data> people(size);
    for (std::uint32_t i = 0; i < size; ++i) {
        random_source random((std::uint64_t{tenant} << 40) + (std::uint64_t{version} << 32) + i);
        user_data& user = people[i];
        const auto set = [&user](field which, std::string text) {
            user.text[static_cast<std::size_t>(which)] = std::move(text);
        };
        user.meta.uid = i + 1;
        user.meta.fingerprint = random.next();
        user.meta.created_by_us = true;
        user.meta.ownership.fill(directory::owner::ours);
        const std::string_view first = pick(random, words::first);
        const std::string_view last = pick(random, words::last);
        set(field::external_id, "PW" + std::to_string(1000 + i));
        // In one of eight the source writes capitals.
        const std::string local = random.chance(0.125) ? "Firstname" : lower_letters(first);
        set(field::email, local + "." + lower_letters(last) + std::to_string(i) + "@" + domain);
        set(field::first_name, std::string(first));
        set(field::last_name, std::string(last) + (random.chance(0.1) ? "-Hughes" : ""));
        const double u = random.unit();
        const std::uint64_t title = titles_from + static_cast<std::uint64_t>(60 * u * u);
        set(field::job_title,
            std::string(words::level[title % 8]) + " " + std::string(words::trade[title / 8 % 12]));
        set(field::location, std::string(pick(random, words::location)));
        set(field::department, std::string(pick(random, words::department)));
        set(field::company, name + (random.chance(0.8) ? " Holdings Limited" : " Services Ltd"));
        if (i > 0) {
            const std::uint64_t manager = random.below(i);
            set(field::manager_id, "PW" + std::to_string(1000 + manager));
            user.meta.manager = static_cast<std::uint32_t>(manager + 1);
        }
        // One tenant in ten maps an extra field.
        if (tenant % 10 == 0) {
            set(field::attributes,
                "{\"cost_centre\":\"CC" + std::to_string(100 + random.below(900)) + "\"}");
        }
        if (random.chance(0.7)) {
            static constexpr std::string_view digits = "0123456789abcdef";
            std::string hash;
            for (std::uint64_t half : {random.next(), random.next()}) {
                for (int d = 0; d < 16; ++d, half >>= 4) hash += digits[half & 15];
            }
            set(field::avatar, std::move(hash));
        }
        user.start_date.days = 14000 + static_cast<std::int32_t>(random.below(6000));
        if (random.chance(0.12)) {
            user.leaving_date.days = 20000 + static_cast<std::int32_t>(random.below(365));
            user.meta.state = directory::user_state::inactive;
        }
    }
    return people;
}

// Sizes of tenants: all equal, or exponential about the mean as a fleet of customers is; the sum
// is `users` either way.
inline std::vector<std::uint32_t> tenant_sizes(std::uint32_t users, std::uint32_t mean,
                                               bool exponential) {
    random_source random(mean);
    std::vector<std::uint32_t> sizes(users / mean, mean);
    if (!exponential) return sizes;
    std::uint32_t left = users;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
        const double drawn = 10 - (mean - 10.0) * std::log(1 - random.unit());
        const auto others = static_cast<std::uint32_t>(sizes.size() - i - 1);
        sizes[i] = std::min(static_cast<std::uint32_t>(drawn), left - others);
        left -= sizes[i];
    }
    sizes.back() = left;
    return sizes;
}

} // namespace rollcall::bench
