// Which changes PeopleHR announces by webhook, and which it does not (LA-47).
//
// Every change of a person that a complete read finds, and that no webhook named since the read
// before it began, counts as lost. Webhooks come late (some minutes): one that names a person soon
// after the loss was counted takes it back. From a week of such counts follow the share that is
// lost, the kinds of event that nobody seems to have subscribed to, and how often the tenant should
// be swept instead.
//
// Pure; of one tenant. What a restart forgets is who was named: a read after it may count a change
// as lost that was announced just before it.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/time.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

// By the event that should have told of it.
enum class announced_kind : std::uint8_t { starter, detail, leaver };
inline constexpr std::size_t announced_kind_count = 3;
// "New Starter Added": as PeopleHR's settings call the subscription.
[[nodiscard]] std::string_view subscription_of(announced_kind kind) noexcept;

struct announced_counts {
    std::array<std::uint32_t, announced_kind_count> told{};
    std::array<std::uint32_t, announced_kind_count> lost{};

    [[nodiscard]] std::uint32_t all_told() const noexcept;
    [[nodiscard]] std::uint32_t all_lost() const noexcept;
    // Of all changes, 0 to 1; 0 where there were none.
    [[nodiscard]] double loss_rate() const noexcept;
    friend bool operator==(const announced_counts&, const announced_counts&) = default;
};

class announcements {
  public:
    static constexpr hours shortest_interval{1};
    static constexpr double tolerated_loss = 0.05;
    static constexpr minutes late_max{30};
    static constexpr std::size_t named_max = 20'000;

    // Anything that to_text did not write is as good as nothing.
    [[nodiscard]] static announcements from_text(std::string_view text);
    // Without names of people.
    [[nodiscard]] std::string to_text() const;

    // A webhook named somebody; an empty id stands for anybody.
    void named(std::string_view employee_id, wall_time at);
    // One that came before a restart, and is counted already.
    void recall(std::string_view employee_id, wall_time at);
    // A read of one person for a hint has applied these.
    void served(std::span<const step> applied, wall_time at);
    // A complete read that began at `began` has applied these. Changes are judged only if a token
    // was there (`since`) when the read before began. Gives how many were lost.
    std::size_t swept(std::span<const step> applied, wall_time began, wall_time since);

    // The last seven days.
    [[nodiscard]] announced_counts week(wall_time now) const;
    // Subscriptions that are probably missing: changes of the kind are found, and none is told.
    [[nodiscard]] std::vector<announced_kind> missing(wall_time now) const;
    // How often the tenant should be swept: `usual`, or less while webhooks get lost: half of it
    // with each read that finds a loss above the tolerated one, at least an hour; `usual` again
    // after a week without such a read.
    [[nodiscard]] nanoseconds wanted_interval(nanoseconds usual) const;
    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    [[nodiscard]] wall_time last_event() const noexcept { return last_event_; }

  private:
    struct loss {
        announced_kind kind = announced_kind::detail;
        wall_time at{};
    };
    announced_counts& today(wall_time now);

    std::map<std::int64_t, announced_counts> days_; // by days since 1970
    wall_time last_began_{};                        // of the last complete read
    wall_time last_bad_{};                          // read, with too many losses
    std::uint32_t halvings_ = 0;
    std::uint64_t events_ = 0;
    wall_time last_event_{};
    // Not kept over a restart.
    std::map<std::string, wall_time, std::less<>> named_;
    wall_time named_all_{}; // when it was too many, or the whole tenant
    std::map<std::string, loss, std::less<>> lately_lost_;
};

} // namespace rollcall::sync
