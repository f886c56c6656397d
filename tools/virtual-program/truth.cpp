#include "virtual-program/truth.hpp"

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "rollcall/core/check.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/mapping.hpp"

namespace rollcall::sim {
namespace {

using directory::field;
using directory::user_ref;
using directory::user_state;

std::string mapped(const std::string& text) {
    std::string scratch;
    return std::string(normalise(text, scratch));
}

std::string folded(const std::string& email) {
    std::string scratch;
    return std::string(fold(trim(email), scratch));
}

bool has_left(const employee& e, date today) {
    if (e.status == "3" || e.status == "4") return true;
    if (e.leaving_date.empty()) return false;
    const auto leaving = parse_date(e.leaving_date);
    const auto start = parse_date(e.start_date);
    return leaving && leaving->is_set() && *leaving < today && (!start || *start <= *leaving);
}

class comparison {
  public:
    comparison(std::string_view tenant, const directory::tenant_directory& users,
               const sync::tenant_settings& settings,
               const std::function<void(std::string)>& differs)
        : tenant_(tenant), users_(users), settings_(settings), differs_(differs) {}

    void of(std::span<const employee> people, date today) {
        for (const auto& e : people) {
            if (!has_left(e, today)) ++addresses_[folded(e.email)];
        }
        for (const auto& e : people) {
            if (has_left(e, today)) {
                of_leaver(e);
            } else {
                of_employee(e);
            }
        }
        of_strangers(people);
    }

  private:
    [[nodiscard]] std::string name_of(const employee& e) const {
        return tenant_ + "/" + e.employee_id;
    }

    void of_leaver(const employee& e) {
        const auto user = users_.find_by_id(e.employee_id);
        if (user != user_ref::none && users_.is_active(user)) {
            differs_(name_of(e) + " has left and is active");
        }
    }

    void of_employee(const employee& e) {
        const auto user = users_.find_by_id(e.employee_id);
        const auto email = folded(e.email);
        const auto holder = users_.find_by_email(email);
        const bool free = holder == user_ref::none || holder == user;
        // Nobody may take a blank, wrong or shared address: those people stay as they are.
        if (email.empty() || !valid_email(trim(e.email)) || addresses_[email] > 1 || !free) return;
        if (user == user_ref::none) return differs_(name_of(e) + " is missing");
        if (!users_.is_active(user)) differs_(name_of(e) + " is an employee and inactive");
        const bool learnamp = settings_.profile == sync::profile::learnamp;
        const bool known = learnamp && settings_.known_as && !trim(e.known_as).empty();
        of_field(e, user, field::first_name, known ? e.known_as : e.first_name);
        of_field(e, user, field::last_name, e.last_name);
        of_field(e, user, field::email, e.email);
        of_field(e, user, field::job_title, e.job_role);
        of_field(e, user, field::location, e.location);
        // LA-34: Learn Amp's users stay in their team.
        if (!learnamp || !mapped(e.department).empty()) {
            of_field(e, user, field::department, e.department);
        }
        of_field(e, user, field::company, e.company);
        of_field(e, user, field::manager_id, e.reports_to_id);
    }

    void of_field(const employee& e, user_ref user, field f, const std::string& source) {
        const auto is = users_.text(user, f);
        if (is == source) return; // most are written as they are kept
        const auto expected = mapped(source);
        if (is == expected) return;
        differs_(name_of(e) + "." + std::string(directory::name_of(f)) + " is '" + std::string(is) +
                 "', PeopleHR has '" + expected + "'");
    }

    void of_strangers(std::span<const employee> people) {
        std::vector<std::string> ids;
        ids.reserve(people.size());
        for (const auto& e : people) ids.push_back(mapped(e.employee_id));
        std::ranges::sort(ids);
        users_.for_each([&](user_ref each) {
            const auto id = users_.text(each, field::external_id);
            if (std::ranges::binary_search(ids, id, std::less<>{})) return;
            const auto meta = users_.meta(each);
            if (meta.state == user_state::active && meta.missing == 0) {
                differs_(tenant_ + "/" + std::string(id) +
                         " is not in PeopleHR and not counted as missing");
            }
        });
    }

    std::string tenant_;
    const directory::tenant_directory& users_;
    const sync::tenant_settings& settings_;
    const std::function<void(std::string)>& differs_;
    absl::flat_hash_map<std::string, int> addresses_;
};

} // namespace

date london_date(wall_time at) {
    static const auto zone = [] {
        absl::TimeZone found;
        ROLLCALL_CHECK(absl::LoadTimeZone("Europe/London", &found));
        return found;
    }();
    return local_date(at, zone);
}

void compare_with_truth(std::string_view tenant, const directory::tenant_directory& users,
                        const sync::tenant_settings& settings, std::span<const employee> people,
                        date today, const std::function<void(std::string)>& differs) {
    comparison(tenant, users, settings, differs).of(people, today);
}

} // namespace rollcall::sim
