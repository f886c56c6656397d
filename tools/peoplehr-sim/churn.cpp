// Random life in a company: people come, move, rename, leave and come back, from a seed.
#include <algorithm>
#include <array>

#include "generate.hpp"
#include "names.hpp"
#include "service.hpp"
#include "texts.hpp"
#include "world.hpp"

namespace rollcall::sim {
namespace {

using std::chrono::days;

enum class event : std::uint8_t {
    hire,
    leave,
    leave_later,
    move,
    new_manager,
    promote,
    relocate,
    rename,
    marry,
    change_email,
    rehire,
    change_id,
    remove
};
using kind = churn_kind;
struct likelihood {
    event what;
    std::string_view name;
    unsigned weight;
    kind of;
};
constexpr std::array<likelihood, 13> likelihoods{{
    {event::hire, "hire", 14, kind::joiner},
    {event::leave, "leave", 8, kind::leaver},
    {event::leave_later, "leave_later", 7, kind::leaver},
    {event::move, "move", 14, kind::detail},
    {event::new_manager, "new_manager", 14, kind::detail},
    {event::promote, "promote", 12, kind::detail},
    {event::relocate, "relocate", 6, kind::detail},
    {event::rename, "rename", 5, kind::detail},
    {event::marry, "marry", 5, kind::detail},
    {event::change_email, "change_email", 8, kind::detail},
    {event::rehire, "rehire", 3, kind::joiner},
    {event::change_id, "change_id", 2, kind::any},
    {event::remove, "remove", 2, kind::any},
}};

const likelihood& draw(random_source& random, kind wanted) {
    const auto fits = [wanted](const likelihood& one) {
        return wanted == kind::any || one.of == wanted;
    };
    unsigned total = 0;
    for (const auto& one : likelihoods) total += fits(one) ? one.weight : 0;
    std::uint64_t ticket = random.below(total);
    for (const auto& one : likelihoods) {
        if (!fits(one)) continue;
        if (ticket < one.weight) return one;
        ticket -= one.weight;
    }
    return likelihoods.front();
}

// Somebody of that state, or nobody when a few tries find none.
slot somebody(const company& firm, random_source& random, employment status) {
    if (firm.people.empty()) return nobody;
    for (int tries = 0; tries < 64; ++tries) {
        const auto who = static_cast<slot>(random.below(firm.people.size()));
        if (firm.people[who].status == status) return who;
    }
    return nobody;
}

std::uint32_t another(const managed_list& list, random_source& random) {
    return static_cast<std::uint32_t>(random.below(list.size()));
}

void rename_person(company& firm, slot who, random_source& random) {
    const name_script& script = name_scripts()[firm.people[who].script];
    own_texts& texts = firm.texts_of(who);
    texts.first_name = std::string{script.first[random.below(script.first.size())].native};
}

void give_married_name(company& firm, slot who, random_source& random) {
    const name_script& script = name_scripts()[firm.people[who].script];
    own_texts& texts = firm.texts_of(who);
    texts.last_name = std::string{script.last[random.below(script.last.size())].native} + "-" +
                      std::string{script.last[firm.people[who].last].native};
}

void give_new_email(company& firm, slot who, random_source& random) {
    std::string email = "p";
    append_number(email, who + 1);
    email += '.';
    append_hex8(email, static_cast<std::uint32_t>(random.next()));
    email += '@';
    email += firm.tenant;
    email += ".example.com";
    (void)firm.set(who, "email", email);
}

void give_new_id(company& firm, slot who, random_source& random) {
    std::string id = "N";
    append_number(id, who + 1);
    id += '-';
    append_number(id, random.below(100'000));
    (void)firm.change_id(who, id);
}

// The webhook that tells of it.
std::uint32_t action_of(event what) {
    switch (what) {
        case event::hire: return 1;
        case event::leave:
        case event::leave_later: return 3;
        case event::remove: return 18;
        default: return 2;
    }
}

void happen(company& firm, slot who, event what, std::chrono::sys_days today,
            random_source& random) {
    person& someone = firm.people[who];
    switch (what) {
        case event::hire: break; // done before: it makes its own person
        case event::leave:
            firm.leave(who, today - days{random.between(0, 3)}, today, true, random.chance(0.7));
            break;
        case event::leave_later:
            firm.leave(who, today + days{random.between(0, 30)}, today, false, random.chance(0.7));
            break;
        case event::move: someone.department = another(firm.departments, random); break;
        case event::new_manager:
            someone.manager =
                random.chance(0.1) ? nobody : somebody(firm, random, employment::employed);
            break;
        case event::promote: someone.job_role = another(firm.job_roles, random); break;
        case event::relocate: someone.location = another(firm.locations, random); break;
        case event::rename: rename_person(firm, who, random); break;
        case event::marry: give_married_name(firm, who, random); break;
        case event::change_email: give_new_email(firm, who, random); break;
        case event::rehire: firm.rehire(who, today + days{random.between(0, 14)}); break;
        case event::change_id: give_new_id(firm, who, random); break;
        case event::remove: firm.remove(who); break;
    }
}

} // namespace

result<std::vector<std::string>> service::churn(std::string_view tenant, std::size_t count,
                                                std::uint64_t seed, churn_kind of) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    company& firm = (*record)->firm;
    random_source random{mix(seed, firm.seed)};
    std::vector<std::string> done;
    for (std::size_t i = 0; i < count; ++i) {
        const likelihood& next = draw(random, of);
        slot who = nobody;
        if (next.what == event::hire) {
            who = generate_starter(firm, random, today() + days{random.between(0, 20)});
        } else {
            const bool back = next.what == event::rehire || next.what == event::remove;
            who = somebody(firm, random, back ? employment::left : employment::employed);
        }
        if (who == nobody) continue;
        std::string line{next.name};
        line += ' ';
        firm.append_id(line, who); // as it was before, which is how a log would name the person
        happen(firm, who, next.what, today(), random);
        std::string id;
        firm.append_id(id, who);
        const std::string_view old_id = std::string_view{line}.substr(next.name.size() + 1);
        const auto gone = next.what == event::remove;
        world_->announce(tenant, action_of(next.what), gone ? old_id : std::string_view{id},
                         {.field_name = next.what == event::hire ? "" : next.name});
        done.push_back(std::move(line));
    }
    return done;
}

result<std::string> service::somebody_at(std::string_view tenant, std::uint64_t seed) const {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    const company& firm = (*record)->firm;
    random_source random{mix(seed, firm.seed)};
    const auto who = somebody(firm, random, employment::employed);
    if (who == nobody) return errc::not_found;
    std::string id;
    firm.append_id(id, who);
    return id;
}

} // namespace rollcall::sim
