#include "generate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "names.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::uint64_t extra_purpose = 0x736c6f74;

// What differs between companies, drawn once for each.
struct habits {
    double blank_emails;
    double variants; // share of people whose department is spelt in another way
    std::uint64_t home_script;
};

std::uint8_t pick_script(random_source& random, std::uint64_t home_script) {
    const auto scripts = name_scripts();
    if (random.chance(0.4)) return static_cast<std::uint8_t>(home_script);
    std::uint64_t total = 0;
    for (const auto& script : scripts) total += script.weight;
    std::uint64_t ticket = random.below(total);
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        if (ticket < scripts[i].weight) return static_cast<std::uint8_t>(i);
        ticket -= scripts[i].weight;
    }
    return 0;
}

void name_person(person& someone, random_source& random, std::uint64_t home_script) {
    someone.script = pick_script(random, home_script);
    const name_script& script = name_scripts()[someone.script];
    someone.first = static_cast<std::uint8_t>(random.below(script.first.size()));
    someone.last = static_cast<std::uint8_t>(random.below(script.last.size()));
    if (random.chance(0.15)) {
        someone.known_as = static_cast<std::uint8_t>(1 + random.below(script.first.size()));
    }
    if (random.chance(0.2)) {
        someone.other = static_cast<std::uint8_t>(1 + random.below(script.first.size()));
    }
}

// The same department as somebody else would type it.
std::string variant_of(std::string_view name, random_source& random) {
    std::string out{name};
    switch (random.below(4)) {
        case 0: out += ' '; break;
        case 1: out.insert(0, 1, ' '); break;
        case 2: std::ranges::transform(out, out.begin(), lower); break;
        default: out += "  "; break;
    }
    return out;
}

void fill_list(managed_list& list, std::span<const std::string_view> pool, std::size_t wanted,
               random_source& random) {
    const std::uint64_t offset = random.below(pool.size());
    for (std::size_t i = 0; i < std::min(wanted, pool.size()); ++i) {
        (void)list.ensure(pool[(offset + i * 5) % pool.size()]);
    }
}

std::uint32_t pick(const managed_list& list, random_source& random) {
    return static_cast<std::uint32_t>(1 + random.below(list.size() - 1u));
}

// proper is the number of departments before anybody added a variant.
void place_person(company& firm, person& someone, random_source& random, double variants,
                  std::uint64_t proper) {
    someone.department = static_cast<std::uint32_t>(1 + random.below(proper));
    if (random.chance(variants)) {
        const std::string name = firm.departments.at(someone.department);
        someone.department = firm.departments.ensure(variant_of(name, random));
    } else if (random.chance(0.02)) {
        someone.department = 0;
    }
    someone.location = random.chance(0.05) ? std::uint32_t{0} : pick(firm.locations, random);
    someone.job_role = random.chance(0.03) ? std::uint32_t{0} : pick(firm.job_roles, random);
    someone.legal_entity = pick(firm.legal_entities, random);
}

void date_person(person& someone, bool left, random_source& random, sys_days today) {
    if (left) {
        const auto gone = today - days{random.between(1, 2000)};
        someone.leaving_day = number_of(gone);
        someone.start_day = number_of(gone - days{random.between(5, 4000)});
        someone.status = employment::left;
        if (random.chance(0.7)) someone.email = email_kind::blank;
    } else if (random.chance(0.015)) { // starts later
        someone.start_day = number_of(today + days{random.between(1, 60)});
    } else {
        someone.start_day = number_of(today - days{random.between(0, 6000)});
        if (random.chance(0.015)) {
            someone.leaving_day = number_of(today + days{random.between(0, 60)});
            someone.status = employment::leaving;
            someone.clear_email_on_leaving = random.chance(0.7);
        }
    }
}

// Mostly a tree over those who came before; some without, some under a leaver.
slot pick_manager(const company& firm, std::span<const slot> current, slot who,
                  random_source& random) {
    if (who == 0 || random.chance(0.03)) return nobody;
    if (random.chance(0.01)) return static_cast<slot>(random.below(firm.people.size()));
    return current[random.below(std::max<std::uint64_t>(1, current.size() / 6))];
}

id_style pick_id_style(random_source& random) {
    const std::uint64_t ticket = random.below(20);
    if (ticket < 15) return id_style::auto_number;
    if (ticket < 17) return id_style::padded;
    return ticket < 19 ? id_style::plain : id_style::letters;
}

// Two people at one reception share its address, and now and then two report to each other.
void add_oddities(company& firm, std::span<const slot> current, random_source& random) {
    if (current.size() < 20) return;
    if (random.chance(0.3)) {
        for (int i = 0; i < 2; ++i) {
            firm.people[current[random.below(current.size())]].email = email_kind::shared;
        }
    }
    if (random.chance(0.02)) {
        const slot a = current[current.size() - 1];
        const slot b = current[current.size() - 2];
        firm.people[a].manager = b;
        firm.people[b].manager = a;
    }
}

void fill_lists(company& firm, std::uint32_t head_count, random_source& random) {
    fill_list(firm.departments, department_pool(), 2 + head_count / 25, random);
    fill_list(firm.locations, location_pool(), 1 + head_count / 50, random);
    fill_list(firm.job_roles, job_role_pool(), 3 + head_count / 10, random);
    const std::uint64_t entities = 1 + (random.chance(0.3) ? 1 + random.below(2) : 0);
    for (std::uint64_t i = 0; i < entities; ++i) {
        const std::string_view suffix = i == 0 ? " Ltd" : i == 1 ? " (Ireland) DAC" : " GmbH ";
        (void)firm.legal_entities.ensure(firm.title + std::string{suffix});
    }
}

habits draw_habits(random_source& random) {
    return {.blank_emails = 0.05 + 0.15 * random.unit(),
            .variants = 0.01 + 0.05 * random.unit(),
            .home_script = random.chance(0.8) ? 0 : random.below(name_scripts().size())};
}

} // namespace

std::vector<std::uint32_t> head_counts(std::uint64_t seed, std::size_t tenants, std::uint32_t mean,
                                       size_distribution shape) {
    if (shape == size_distribution::fixed) return std::vector<std::uint32_t>(tenants, mean);
    std::vector<double> shares(tenants);
    for (std::size_t i = 0; i < tenants; ++i) {
        random_source random{mix(mix(seed, 0x73697a65), i)};
        // Log-normal around 60 covers 10-250; one in a hundred comes from the tail.
        shares[i] = random.chance(0.01) ? 1000.0 + 4000.0 * random.unit()
                                        : 60.0 * std::exp(0.95 * standard_normal(random));
    }
    const double scale = static_cast<double>(mean) * static_cast<double>(tenants) /
                         std::accumulate(shares.begin(), shares.end(), 0.0);
    std::vector<std::uint32_t> counts(tenants);
    double carried = 0; // rounding is carried on, so that the sum stays right
    for (std::size_t i = 0; i < tenants; ++i) {
        const double exact = shares[i] * scale + carried;
        counts[i] = static_cast<std::uint32_t>(std::max(1.0, std::round(exact)));
        carried = exact - counts[i];
    }
    return counts;
}

std::string tenant_name(std::size_t index) {
    std::string name = "t";
    append_number(name, index + 1, 5);
    return name;
}

company generate_company(std::uint64_t seed, std::size_t index, std::uint32_t head_count,
                         sys_days today, std::optional<double> left_share) {
    company firm;
    firm.tenant = tenant_name(index);
    firm.seed = mix(seed, index + 1);
    firm.company_id = static_cast<std::uint32_t>(20'000 + index);
    random_source random{mix(firm.seed, 0x7065)};
    firm.title = company_pool()[random.below(company_pool().size())];
    firm.title += ' ';
    append_number(firm.title, index + 1);
    firm.ids = index == 0 ? id_style::auto_number : pick_id_style(random);
    const habits ways = draw_habits(random);
    firm.uses_extra = mix(firm.seed, extra_purpose) % 3 == 0;
    fill_lists(firm, head_count, random);

    const double drawn_share = 0.3 + 0.3 * random.unit();
    std::uint64_t left_to_place = std::max<std::uint64_t>(
        head_count > 2 && !left_share ? 1 : 0,
        static_cast<std::uint64_t>(head_count * left_share.value_or(drawn_share)));
    const std::uint64_t total = head_count + left_to_place;
    const std::uint64_t proper_departments = firm.departments.size() - 1u;
    firm.people.reserve(total);
    std::vector<slot> current;
    current.reserve(head_count);
    for (slot who = 0; who < total; ++who) {
        person& someone = firm.people.emplace_back();
        const bool left = who != 0 && random.below(total - who) < left_to_place;
        name_person(someone, random, ways.home_script);
        place_person(firm, someone, random, ways.variants, proper_departments);
        if (random.chance(ways.blank_emails)) someone.email = email_kind::blank;
        date_person(someone, left, random, today);
        someone.manager = pick_manager(firm, current, who, random);
        if (left) {
            --left_to_place;
        } else {
            current.push_back(who);
        }
    }
    add_oddities(firm, current, random);
    return firm;
}

slot generate_starter(company& firm, random_source& random, sys_days start) {
    const auto who = static_cast<slot>(firm.people.size());
    person starter;
    name_person(starter, random, random.below(name_scripts().size()));
    if (who != 0) { // works where a colleague works
        const person& colleague = firm.people[random.below(who)];
        starter.department = colleague.department;
        starter.location = colleague.location;
        starter.job_role = colleague.job_role;
        starter.legal_entity = colleague.legal_entity;
        starter.manager = static_cast<slot>(random.below(std::max<std::uint64_t>(1, who / 6)));
    }
    if (random.chance(0.1)) starter.email = email_kind::blank;
    starter.start_day = number_of(start);
    firm.people.push_back(starter);
    firm.ensure_own_id(who);
    return who;
}

} // namespace rollcall::sim
