// Where a person decides and asks: edits, holds, conflicts, invitations, teams, undo, answers,
// audit.
//
// A façade beside the fleet's: same shard, same failures. Every change goes the way of a run:
// steps, one transaction, then memory; recorded with the cause `manual`, `approval`, `undo` or
// `resolve`. What is shown before it is done carries a digest, and only what was shown is done
// (G-6).
//
// Common failures: not_found (tenant, person, team, …), invalid_argument, busy (a run is under way
// and did not end in time), held (the digest is not that of what would be done now), storage_*,
// shutting_down.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/sync/answers.hpp"
#include "rollcall/sync/fleet.hpp"

namespace rollcall::sync {

// A plan that is shown.
struct shown_plan {
    std::string digest; // of the steps; empty: there is nothing to do
    std::vector<step> steps;
    std::vector<held_section> would_hold; // sections that the breakers would keep back
    std::vector<issue> issues;
    std::vector<std::string> cannot; // of an undo: what does not come back
    run_counts counts;
};

struct team_view {
    directory::team team;
    std::string parent_name;
    std::string manager;       // label of the user
    std::uint32_t members = 0; // active ones with it as primary team
    std::uint32_t secondary = 0;
};

struct invitation_view {
    sync::invitation what;
    std::string external_id;
    std::string email;
    std::string name;
    bool waits_for_live = false;
    bool held = false;
};

struct conflict_view {
    issue what;
    std::vector<ruling_of_conflict> choices;
    std::optional<decision> decided;
};

// A field of a user as text: "email", "department", …, "state", "role", "manager" (PeopleHR id,
// e-mail or `uid:N`; empty clears), "attributes.NAME".
using edit = std::pair<std::string, std::string>;

class desk {
  public:
    explicit desk(fleet& of) : fleet_(of) {}

    // ---- people, by hand (LA-3, LA-15, LA-16, LA-19) ----
    // `person` is a PeopleHR id, an e-mail or `uid:N`. The run record is what was done.
    [[nodiscard]] task<outcome<run_record>> add_user(std::string tenant, std::vector<edit> fields);
    [[nodiscard]] task<outcome<run_record>> edit_user(std::string tenant, std::string person,
                                                      std::vector<edit> fields);
    // The link is dead with it: a person who is still in PeopleHR is created again (LA-15), and not
    // invited again by itself (LA-26).
    [[nodiscard]] task<outcome<run_record>> delete_user(std::string tenant, std::string person);
    // errc::not_found; errc::invalid_argument where it is ambiguous.
    [[nodiscard]] outcome<directory::user_data> user(const std::string& tenant,
                                                     const std::string& person) const;

    // ---- teams, by hand (LA-29 to LA-33) ----
    [[nodiscard]] outcome<std::vector<team_view>> teams(const std::string& tenant) const;
    // fields: "name", "parent" (name or `id:N`; empty: none), "manager"; `team` by name or `id:N`.
    [[nodiscard]] task<outcome<run_record>> add_team(std::string tenant, std::vector<edit> fields);
    [[nodiscard]] task<outcome<run_record>> edit_team(std::string tenant, std::string team,
                                                      std::vector<edit> fields);
    [[nodiscard]] task<outcome<run_record>> delete_team(std::string tenant, std::string team);
    [[nodiscard]] task<outcome<run_record>> set_member(std::string tenant, std::string team,
                                                       std::string person, bool member);

    // ---- holds (G-5, G-6) ----
    [[nodiscard]] outcome<hold> held(const std::string& tenant) const;
    // All tenants with something held, by name, without steps.
    [[nodiscard]] std::vector<std::pair<std::string, hold>> all_held() const;
    // The last complete read, where it is not believed; also of all such tenants, by name.
    [[nodiscard]] outcome<std::optional<doubted_read>> doubted(const std::string& tenant) const;
    [[nodiscard]] std::vector<std::pair<std::string, doubted_read>> all_doubted() const;
    // `guards` empty: all sections. What was dropped because it moved is planned again at once,
    // from the stored snapshot.
    [[nodiscard]] task<outcome<run_record>> approve(std::string tenant, std::string digest,
                                                    std::vector<guard> guards);
    [[nodiscard]] task<outcome<void>> reject(std::string tenant, std::string digest,
                                             std::vector<guard> guards);

    // ---- conflicts ----
    [[nodiscard]] outcome<std::vector<conflict_view>> conflicts(const std::string& tenant) const;
    // Then plans from the stored snapshot, so that the decision shows at once.
    [[nodiscard]] task<outcome<run_record>> resolve(std::string tenant, issue_kind kind,
                                                    std::string external_id,
                                                    ruling_of_conflict how);
    [[nodiscard]] task<outcome<void>> reopen(std::string tenant, issue_kind kind,
                                             std::string external_id);

    // ---- invitations (LA-21 to LA-27) ----
    [[nodiscard]] outcome<std::vector<invitation_view>> invitations(
        const std::string& tenant) const;
    // By hand: whoever was not invited yet, or again (LA-26). Inactive people are refused (LA-16).
    [[nodiscard]] task<outcome<run_record>> invite(std::string tenant,
                                                   std::vector<std::string> people);
    [[nodiscard]] task<outcome<run_record>> cancel_invitations(std::string tenant,
                                                               std::vector<std::string> people);
    [[nodiscard]] task<outcome<run_record>> confirm_invitation(std::string tenant,
                                                               std::string person);
    // Shows whom it would invite now; with the digest of that, does it and lets the first import's
    // later ones go when they fall due.
    [[nodiscard]] task<outcome<shown_plan>> plan_go_live(std::string tenant);
    [[nodiscard]] task<outcome<run_record>> go_live(std::string tenant, std::string digest);

    // ---- settings, shown before they act ----
    // The plan that these settings would make from the stored snapshot, without a call. not_found
    // where no snapshot is stored yet.
    [[nodiscard]] task<outcome<shown_plan>> what_if(std::string tenant, tenant_settings settings);

    // ---- undo ----
    [[nodiscard]] task<outcome<shown_plan>> plan_undo(std::string tenant, std::uint64_t run);
    [[nodiscard]] task<outcome<run_record>> undo(std::string tenant, std::uint64_t run,
                                                 std::string digest);

    // ---- answers ----
    [[nodiscard]] task<outcome<explanation>> explain(std::string tenant, std::string person,
                                                     std::optional<wall_time> at);
    [[nodiscard]] outcome<std::vector<forecast_entry>> forecast(const std::string& tenant,
                                                                int days) const;

    // ---- audit ----
    [[nodiscard]] task<outcome<std::vector<audit_entry>>> audit(std::string tenant,
                                                                audit_query what);
    [[nodiscard]] task<outcome<audit_finding>> verify_audit(std::string tenant);
    // Erases a person for good: user, ledger, hold, stored snapshot, notices, names in runs and
    // issues, and the key of their audit entries. They are not created again.
    // errc::invalid_argument for an active user unless `even_active`.
    [[nodiscard]] task<outcome<run_record>> erase(std::string tenant, std::string person,
                                                  bool even_active);

  private:
    fleet& fleet_;
};

} // namespace rollcall::sync
