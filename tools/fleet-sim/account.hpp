// What is known of a tenant from the outside: what PeopleHR was asked, what it has told, and what
// has come of it. The program's own books are not asked. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall::fleet_sim {

struct account {
    struct change {
        mono_time at{};
        std::string employee_id;
        bool announced = false; // by a webhook that was taken
    };
    struct press {
        mono_time at{};
        nanoseconds estimated{0};
    };

    std::string name;
    std::string token; // of its webhook; empty: none
    std::uint32_t employees = 0;
    mono_time known_since{};
    std::optional<mono_time> truth; // when the last complete read that succeeded began

    // The last call that came for it.
    mono_time called_at{};
    std::string called_id; // empty: everybody

    mono_time changed_at = mono_time::min(); // last change of any kind
    std::vector<change> unread;
    std::vector<change> told;   // by a webhook that was acknowledged, and not read since
    std::vector<press> pressed; // and no run has started
    bool unchecked = true;      // since it was last held against PeopleHR
    bool complained = false;    // of its age, once
    bool live = false;          // its first import's invitations may go

    [[nodiscard]] bool called_whole() const noexcept { return called_id.empty(); }
    [[nodiscard]] nanoseconds age(mono_time now) const noexcept {
        return now - truth.value_or(known_since);
    }
};

// Takes out what the tenant's last call has read, and tells of each.
template <class Tell>
void take_read(std::vector<account::change>& waiting, const account& by, Tell&& tell) {
    std::erase_if(waiting, [&](const account::change& each) {
        const bool read =
            each.at < by.called_at && (by.called_whole() || by.called_id == each.employee_id);
        if (read) tell(each);
        return read;
    });
}

} // namespace rollcall::fleet_sim
