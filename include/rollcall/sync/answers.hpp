// Answers to a person's questions about one tenant: why is somebody as they are, why did something
// not happen, what is to come. Pure and read only (G-10).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/date.hpp"
#include "rollcall/sync/books.hpp"
#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::sync {

// The last complete read, where it is not believed: nothing of it was done, and nothing is done by
// the calendar, until a read is believed (G-2, LA-6, WT-3).
struct doubted_read {
    std::string rule; // empty: not known any more
    std::string because;
    std::string then; // what a person can do
    wall_time at{};
};
[[nodiscard]] doubted_read make_doubted_read(std::string rule, std::string because, wall_time at);

// One value of a person: source value -> rule -> decision -> outcome.
struct explained_value {
    std::string what;      // "email", "state", "manager", "team", "invitation", …
    std::string source;    // the source's value; empty: none, or not known
    std::string rule;      // "LA-19"
    std::string because;   // the rule in words
    std::string decision;  // "set", "kept", "cleared", "held", "not done", …
    std::string value;     // the outcome: what the directory has
    std::string owner;     // "ours", "manual", ""
    std::uint64_t run = 0; // that last changed it; 0: none on record
    wall_time since{};
};
// Why something that could be expected did not happen.
struct not_done {
    std::string what; // "create", "email", "deactivate", …
    std::string rule;
    std::string because; // the clause that stopped it, with the values it looked at
    std::string then;    // what a person can do
};
struct explanation {
    bool known = false;     // there is such a user
    bool in_source = false; // the last stored snapshot has the person
    bool erased = false;
    std::optional<directory::user_data> user; // as it is, or was at the asked time
    wall_time at{};
    wall_time snapshot_taken{};
    std::vector<explained_value> values;
    std::vector<not_done> stopped;
    std::vector<audit_entry> history; // newest first, at most 100
};
// `row` is the person's row in the stored snapshot, or null; `history` all audit entries of the
// user that were read (newest first). `at`: the state then, by taking back what came later.
struct explain_input {
    const books& of;
    const tenant_settings& settings;
    directory::user_ref user = directory::user_ref::none;
    const source_row* row = nullptr;
    std::string_view asked{}; // what the person was called in the question
    std::span<const audit_entry> history{};
    wall_time now{};
    std::optional<wall_time> at{};
    wall_time snapshot_taken{};
    std::optional<doubted_read> doubted{};
};
[[nodiscard]] explanation explain(const explain_input& about);

// The user as it was, from the one it is (or a blank one with the uid) and all that came later,
// newest first.
[[nodiscard]] directory::user_data before_changes(directory::user_data now,
                                                  std::span<const audit_entry> later);

struct forecast_entry {
    date day{};
    // "invitation", "deactivation", "seat_shortfall", "team_removal", "held"; "doubt": the last
    // read is not believed, and nothing else of the list happens before one is
    std::string what;
    std::string who; // PeopleHR id or team
    std::string name;
    std::string rule;
    std::string detail;
};
// What is known to come within `days` days, today included, by day; a doubt before all.
[[nodiscard]] std::vector<forecast_entry> forecast(const books& of, const tenant_settings& settings,
                                                   wall_time now, int days,
                                                   const std::optional<doubted_read>& doubted = {});

} // namespace rollcall::sync
