// One tenant without I/O: the fleet and the desk without a store and a network, over the same pure
// functions (src/sync/enactment.hpp, desk_decisions.hpp). The scenarios, the properties and the
// tenant-days run on it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "employee.hpp"
#include "rollcall/sync/answers.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/desk.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/planner.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"
#include "sync/enactment.hpp"

namespace rollcall::test {

// What one event did to the tenant.
struct event_report {
    sync::run_outcome result = sync::run_outcome::unchanged;
    errc code = errc::ok;
    std::string detail;              // why it failed, is held or was refused
    std::vector<sync::step> steps;   // applied; of a preview or what-if: those that would be
    std::vector<sync::step> dropped; // whose precondition had moved (G-6)
    std::vector<sync::issue> issues; // of the plan
    std::vector<std::string> cannot; // of an undo
    std::vector<sync::notice> notices;
    sync::run_counts counts;
    // Not empty: the plan would have broken the directory; always a fault of the program.
    std::string inconsistent;
};

class tenant_harness {
  public:
    tenant_harness(sync::tenant_settings settings, wall_time now);

    // ---- reads ----
    event_report read(std::span<const employee> everybody);
    event_report read_one(const employee& person);
    // Plans and shows, and leaves no trace (G-7).
    event_report preview(std::span<const employee> everybody);
    // The call failed, so that there is no snapshot.
    event_report failed_read(errc code, std::string detail);

    // ---- time ----
    // Sets the clock, forwards through every instant at which something falls due.
    event_report advance(wall_time to);
    // Sets the clock to any instant and looks once what is due: a clock that was put right (T-3).
    event_report jump(wall_time to);
    [[nodiscard]] wall_time now() const noexcept { return now_; }

    // ---- decisions of a person ----
    using steps_of = std::function<outcome<std::vector<sync::step>>(const sync::books&)>;
    event_report edit(const steps_of& what);
    // Guards empty: all that is held. The default digest is that of what is held now.
    event_report approve(std::vector<sync::guard> guards,
                         const std::optional<std::string>& digest = {});
    event_report reject(std::vector<sync::guard> guards,
                        const std::optional<std::string>& digest = {});
    event_report resolve(sync::issue_kind kind, std::string_view external_id,
                         sync::ruling_of_conflict how);
    event_report change_settings(const sync::tenant_settings& to);
    event_report what_if(const sync::tenant_settings& with);
    event_report go_live();
    // Takes back the n-th run that changed something, counted from 1; 0: the last one.
    event_report undo(std::size_t run);
    event_report erase(directory::user_ref who);

    // ---- questions ----
    // Why this person is as they are, from the stored list and all that was recorded (G-10).
    [[nodiscard]] sync::explanation explain(std::string_view person) const;

    // ---- a restart ----
    // The tenant's books are made anew from what the store keeps of them.
    void restart();

    // The steps that a plan of the present snapshot would still apply: after a run there are none,
    // and what waits for a person stays the same.
    [[nodiscard]] std::vector<sync::step> steps_left();
    [[nodiscard]] sync::plan plan_of(std::span<const employee> everybody);

    sync::books books;
    sync::tenant_settings settings;
    std::vector<std::vector<sync::step>> runs; // that changed something, oldest first
    std::vector<sync::notice> notices;         // all there ever were
    std::vector<sync::audit_entry> audit;      // oldest first

  private:
    [[nodiscard]] std::unique_ptr<sync::snapshot> snapshot_of(std::span<const employee> people,
                                                              bool complete);
    [[nodiscard]] std::unique_ptr<sync::snapshot> replay(const sync::tenant_settings& with);
    [[nodiscard]] sync::plan plan_for(const sync::snapshot* from,
                                      const sync::tenant_settings& with) const;
    event_report run(std::unique_ptr<sync::snapshot> from, bool apply);
    event_report replan();
    event_report timer_run();
    // Of everybody from the stored list; nothing where there is none, or it is not to be used.
    std::optional<sync::proposal> planned_anew(sync::run_record& record);
    [[nodiscard]] sync::run_record begin_record(sync::run_cause cause) const;
    event_report enact(sync::proposal p, sync::run_record record);
    event_report by_hand(sync::run_cause cause, sync::proposal p);

    wall_time now_;
    wall_time last_success_{};
    bool suspended_ = false; // the last read was held whole: the calendar does not act either
    std::uint32_t epoch_ = 0;
    sync::stored_snapshot stored_; // the last complete one that was applied
};

[[nodiscard]] directory::user_data user_of(const sync::books& of, directory::user_ref which);
// Two reports of one event as one: a run that was followed by the next at once.
void append(event_report& to, event_report more);

} // namespace rollcall::test
