// Bugs that a simulation plants into itself, to show that its checks find them.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall::fleet_sim {

enum class plant : std::uint8_t {
    none,
    limit_one_more,   // the daemon makes one call more in a minute than it is told to
    change_dropped,   // a tenant's answers stay as they once were
    invitation_twice, // a notice goes out a second time, under a new number
    index_stale,      // an e-mail is another one than its index says
    commit_lost,      // the store acknowledges what never becomes durable
    tenant_forgotten, // a tenant is not swept any more
    hint_lost,        // a webhook is acknowledged, and nobody hears of it
    task_leaked,      // something waits on after the end
    not_repeatable,   // something that the seed does not decide
};

struct plant_name {
    plant what;
    std::string_view name;
    std::string_view meaning;
};
inline constexpr std::array plants{
    plant_name{plant::limit_one_more, "limit-one-more", "one call more in a minute than allowed"},
    plant_name{plant::change_dropped, "change-dropped", "a tenant's changes are never read"},
    plant_name{plant::invitation_twice, "invitation-twice", "somebody is invited again"},
    plant_name{plant::index_stale, "index-stale", "an index disagrees with its rows"},
    plant_name{plant::commit_lost, "commit-lost", "what is acknowledged is not durable"},
    plant_name{plant::tenant_forgotten, "tenant-forgotten", "a tenant is not swept any more"},
    plant_name{plant::hint_lost, "hint-lost", "a webhook is acknowledged and forgotten"},
    plant_name{plant::task_leaked, "task-leaked", "a coroutine is left at the end"},
    plant_name{plant::not_repeatable, "not-repeatable",
               "two runs of one seed differ (with --twice)"},
};

[[nodiscard]] constexpr std::optional<plant> read_plant(std::string_view name) noexcept {
    for (const auto& each : plants) {
        if (each.name == name) return each.what;
    }
    return std::nullopt;
}

} // namespace rollcall::fleet_sim
