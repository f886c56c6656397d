// tools/rule_table.py reads the entries below: one rule each, an id, its text, its settings.
#include "rollcall/sync/rules.hpp"

namespace rollcall::sync {
namespace {

constexpr rule rules[] = {
    // ---- every profile ----
    {"G-1",
     "An answer of PeopleHR is taken only if all of it arrived and is what it should be: success "
     "in "
     "its envelope, a list of people, an id on every row. Any other changes nothing, and is told "
     "apart by what is to be done about it.",
     ""},
    {"G-2",
     "A list that is empty, or in which the head count, the blanks of a field or the number of "
     "departments or locations jumped, is not believed until a second read agrees with it; an "
     "empty one is never believed by itself.",
     "gate_headcount_percent, gate_blank_percent, gate_distinct_percent, gate_floor_people"},
    {"G-3",
     "Whoever is missing from the list has not left: a leaver is who has a status or a leaving "
     "date "
     "that says so. After enough complete lists without them they are reported, and deactivated "
     "only where the tenant chose that.",
     "missing_after, missing_policy"},
    {"G-4",
     "Two rows with one id are both left out and both reported, because nothing says which is "
     "true.",
     ""},
    {"G-5",
     "Every kind of change has a limit for a day and for a week; past it all changes of that kind "
     "wait together for a person, while the other kinds are applied.",
     "limit_create, limit_email, limit_id, limit_manager, limit_clearing, limit_blanking, "
     "limit_move, limit_deactivation, limit_scope, limit_team_removal, limit_invitation"},
    {"G-6",
     "What waits is approved or rejected by a digest of its content, so that only what was shown "
     "is "
     "done; a step whose starting value has changed since is dropped and planned again.",
     ""},
    {"G-7", "Any run can be previewed: its plan is shown, and nothing is written or sent.", ""},
    {"G-8",
     "A run applies users first, then teams, memberships, managers, exchanged e-mails, "
     "deactivations, removals of teams, and invitations last, so that nothing refers to what is "
     "not "
     "there.",
     ""},
    {"G-9", "A run that finds nothing new writes no record and sends nothing.", ""},
    {"G-10",
     "Each change is kept with its time, run, cause, old value, new value and rule, which is what "
     "every explanation is read from.",
     "history"},
    {"G-11",
     "After a crash the directory is as before a run or as after it, and no invitation is lost or "
     "sent twice.",
     ""},
    {"G-12",
     "A key that is absent, null, empty or white space is blank; texts are trimmed and brought to "
     "one Unicode form; what no field or chosen attribute needs is neither kept nor logged.",
     "extra_fields"},
    {"G-13",
     "E-mails are the same if they differ only in case or surrounding space; they are kept "
     "as PeopleHR writes them.",
     ""},
    {"G-14",
     "A tenant may turn further fields of PeopleHR, its API columns and analysis codes among them, "
     "into named attributes of the user.",
     "extra_fields"},

    // ---- Learn Amp: connection ----
    {"LA-1",
     "A tenant is connected by an API key of its PeopleHR, and gets one address of its own for "
     "PeopleHR's webhooks.",
     "base_url"},
    {"LA-2", "PeopleHR is asked for all employees or for one, and for nothing else.", "base_url"},
    {"LA-3",
     "PeopleHR decides the synced fields: a manual edit of one lasts until the next sync that "
     "finds a "
     "value there. What is not synced is never touched.",
     ""},
    {"LA-4", "A key is tried before it is stored, and a bad one never replaces a good one.", ""},

    // ---- Learn Amp: scope ----
    {"LA-5", "With a company set, only its employees are taken; with none, everybody is.",
     "company"},
    {"LA-6",
     "Companies are compared without regard to case and space, values that nearly match are "
     "reported, and a filter that matches nobody is a mistake that changes nothing.",
     "company"},
    {"LA-7",
     "A user whose company no longer matches is left as they are and no longer synced, or "
     "deactivated where the tenant chose that.",
     "out_of_scope, limit_scope"},
    {"LA-8", "Who had left before being seen for the first time is not created.", ""},

    // ---- Learn Amp: identity ----
    {"LA-9",
     "A record belongs to the user who has its PeopleHR id; without one, a user is created.",
     "link_key"},
    {"LA-10",
     "A new id with the e-mail of another user is a conflict: both are named, nobody is created, "
     "and it is looked at again by every sweep.",
     "email_fallback"},
    {"LA-11",
     "With the fallback on, a record of unknown id goes to the user who has its e-mail, who then "
     "gets the id.",
     "email_fallback"},
    {"LA-12",
     "The fallback is refused where the e-mail's user is linked to somebody who is still in the "
     "same list, or where two records share the address.",
     "email_fallback"},
    {"LA-13",
     "A new e-mail on a known id is taken over; people who exchange addresses, however many, get "
     "them all at once.",
     ""},
    {"LA-14", "Of two rows with one id in a list neither is applied, and both are reported.", ""},
    {"LA-15",
     "A user who was deleted is created anew while PeopleHR has the person, unless they were "
     "erased "
     "by request.",
     ""},
    {"LA-16",
     "Only a user whom the sync deactivated is reactivated by it; one whom an administrator "
     "deactivated stays so and is reported, unless PeopleHR is to win.",
     "reactivation"},
    {"LA-17",
     "Who comes back under the same id gets the same user, team and manager again, and no second "
     "invitation; under a new id the e-mail decides, as with any new id.",
     "reactivation, id_reuse_days, email_fallback"},

    // ---- Learn Amp: fields ----
    {"LA-18",
     "A record whose name or e-mail is blank or not valid is rejected and reported; its user stays "
     "as it is.",
     ""},
    {"LA-19",
     "An optional field that became blank is cleared if the sync set it, and kept if a person did; "
     "no placeholder is ever written.",
     "limit_blanking"},
    {"LA-20", "Further fields are a matter of settings.", "extra_fields"},

    // ---- Learn Amp: invitations ----
    {"LA-21", "New people are invited at once, on their hire date, or only by hand.", "invite"},
    {"LA-22",
     "The account is there from the start; only its invitation waits, and says what it waits for.",
     "invite"},
    {"LA-23",
     "On the hire date an invitation goes at the set hour of the tenant's day; a date of today or "
     "before means at once, and one that is missing is reported while the invitation waits.",
     "invite, invite_hour, time_zone"},
    {"LA-24",
     "A hire date that moves before the invitation was sent moves it too; whoever leaves or "
     "vanishes before that is not invited.",
     "invite"},
    {"LA-25",
     "Only users whom the sync created are invited by it, and a change of the setting is for those "
     "who come later.",
     "invite"},
    {"LA-26",
     "Nobody is invited automatically more than once, ever; an invitation that still waits goes to "
     "the address that is right by then.",
     ""},
    {"LA-27", "Silence about changed details says nothing about invitations.",
     "silent_updates, invite"},

    // ---- Learn Amp: teams ----
    {"LA-28",
     "With the option on, each department is a team, side by side; with it off, nobody's team is "
     "touched.",
     "team_from_department"},
    {"LA-29", "The parents that people gave to teams are kept, and the sync sets none.", ""},
    {"LA-30",
     "A department belongs to the team of that name, whatever its case and space; a team that a "
     "person made is used and stays that person's.",
     "team_from_department"},
    {"LA-31",
     "A team that the sync added and that no active person's department has matched for several "
     "lists is removed where the tenant chose that, unless it has teams under it or members whom a "
     "person put there.",
     "remove_stale_teams, stale_team_after, limit_team_removal"},
    {"LA-32",
     "A team that the sync adds gets the Owner as its manager where the tenant chose that, at that "
     "moment only.",
     "owner_manages_new_teams, team_owner"},
    {"LA-33",
     "A change of department replaces the primary team; memberships of other teams are a person's "
     "business.",
     "limit_move"},
    {"LA-34",
     "A blank department leaves the team as it is and is reported, unless it is to clear "
     "it.",
     "clear_blank_department, limit_clearing"},
    {"LA-35",
     "When nearly everybody of a department that vanished is in one that is new, renaming the team "
     "is proposed and waits for a person; rejected, the new team is made and they move.",
     "team_from_department"},

    // ---- Learn Amp: managers ----
    {"LA-36",
     "With the option on, Reports To is the user's manager; with it off, managers whom the sync "
     "set "
     "are cleared, those whom a person set are kept, and the team's manager applies.",
     "manager_from_reports_to"},
    {"LA-37", "The manager of a team is never synced.", ""},
    {"LA-38",
     "A blank Reports To clears the manager whom the sync set, so that the team's applies.",
     "manager_from_reports_to, limit_clearing"},
    {"LA-39",
     "The manager is who has the id, or the name if only one person has it; one who is not there "
     "yet is set as soon as they are.",
     "manager_from_reports_to"},
    {"LA-40",
     "Nobody is their own manager, and of a circle all links are set but one, always the same, "
     "which is reported.",
     "manager_from_reports_to"},
    {"LA-41",
     "A manager who was deactivated stays where they are and is reported, until PeopleHR names "
     "another.",
     "manager_from_reports_to"},
    {"LA-42", "Inside a run the order is that of G-8.", ""},

    // ---- Learn Amp: leavers ----
    {"LA-43",
     "A leaver is deactivated when the leaving date has ended where the tenant is; a date that is "
     "withdrawn or moved on brings back whom the sync deactivated.",
     "leavers, time_zone, limit_deactivation"},
    {"LA-44",
     "Who was deleted in PeopleHR is missing: one sighting does nothing, and after several the "
     "tenant's choice holds.",
     "missing_after, missing_policy"},
    {"LA-45",
     "The last Owner, people whom the tenant protects and users without a link are never "
     "deactivated.",
     "protected_users"},

    // ---- Learn Amp: when it runs ----
    {"LA-46", "Every tenant is read at least once a day, at a time of day of its own.", "schedule"},
    {"LA-47", "A webhook makes the sync read that employee again; it is never believed by itself.",
     ""},
    {"LA-48",
     "Whoever asks for a sync is queued at once and told when it starts; asking twice is one run.",
     ""},
    {"LA-49", "Immediately means queued ahead of everything that nobody waits for.", ""},
    {"LA-50", "A run without change does nothing that anybody outside could notice.", ""},

    // ---- WeThrive ----
    {"WT-1",
     "The key is tried before the connection is confirmed, and refused with the reason if it "
     "cannot "
     "read employees.",
     "base_url"},
    {"WT-2",
     "E-mail, both names as one, job role as team, location, department and manager are taken; "
     "everything else, Known As included, is left alone.",
     "profile"},
    {"WT-3",
     "A bad or shared e-mail rejects the records that have it, or stops the run where the tenant "
     "wants the letter of the page.",
     "bad_email"},
    {"WT-4",
     "A new e-mail on a known PeopleHR id is the same person with a new address; in the literal "
     "mode it is a new person.",
     "link_key, email_fallback"},
    {"WT-5", "It runs when asked and every night, in the literal mode only when asked.",
     "schedule, link_key"},
    {"WT-6",
     "Leavers free their seats before new people take them in the order of start date and id; who "
     "finds none waits, is listed, and is tried again by every run.",
     "seats"},
    {"WT-7",
     "A change counts from its time on: what was true at an earlier time can still be read.",
     "history"},
    {"WT-8",
     "Leavers become inactive and are never deleted; one whose date is still to come stays active "
     "until that day has ended.",
     "leavers, time_zone, missing_policy, limit_deactivation"},
    {"WT-9", "Who returns is the same person with the same history, and takes a seat.",
     "reactivation, seats"},
    {"WT-10",
     "Manual edits of synced fields are overwritten; other fields and roles stay as people chose "
     "them.",
     ""},
    {"WT-11",
     "The manager is given by the e-mail of the person in Reports To; while that is nobody we "
     "know, "
     "it is empty, and set once it is.",
     ""},
    {"WT-12",
     "Managers get no logins of their own and no mail about them: it is not part of the "
     "integration.",
     ""},
    {"WT-13",
     "There are no options for invitations, teams or owners; teams, locations and departments are "
     "plain values that exist as soon as somebody has them.",
     "profile"},

    // ---- time ----
    {"T-1",
     "Days begin and end in the tenant's time zone, clock changes included: a hire date begins at "
     "the set hour, a leaving date holds to the end of its day.",
     "time_zone, invite_hour"},
    {"T-2",
     "Each tenant has a fixed time of day for its daily sweep, so that a fleet is spread over the "
     "day and a restart moves nobody.",
     "schedule"},
    {"T-3",
     "A clock that is set moves dates, never how often a tenant is read or how fast calls are "
     "made.",
     ""},

    // ---- calls ----
    {"B-1",
     "Calls are limited for each address that they leave from and for each tenant, and a tenant "
     "has "
     "one at a time.",
     "calls_per_minute, paged_reading, page_rows"},
    {"B-2", "A throttled call pauses what it was counted against, and teaches the limit.",
     "calls_per_minute"},
    {"B-3",
     "People who wait come first, then webhooks, dates that are due, first loads and sweeps, each "
     "of which keeps a share.",
     ""},
    {"B-4", "Requests of one tenant that wait together are one run, and everybody is told so.", ""},
    {"B-5", "Whoever waits is told when it is likely to begin.", ""},
    {"B-6",
     "Failures are tried again at growing intervals; a tenant that keeps failing is left for "
     "hours, "
     "and a refused key stops it until there is another.",
     ""},
};

} // namespace

std::span<const rule> all_rules() noexcept {
    return rules;
}

const rule* find_rule(std::string_view id) noexcept {
    for (const auto& each : rules) {
        if (each.id == id) return &each;
    }
    return nullptr;
}

} // namespace rollcall::sync
