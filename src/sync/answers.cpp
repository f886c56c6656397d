#include "rollcall/sync/answers.hpp"

#include <algorithm>

#include "answers_parts.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t history_max = 100;

} // namespace

doubted_read make_doubted_read(std::string rule, std::string because, wall_time at) {
    doubted_read out{std::move(rule), std::move(because), {}, at};
    if (out.rule == "LA-6") {
        out.then =
            "Correct the setting: `rollcall tenant set TENANT company=NAME`, or Company in "
            "PeopleHR.";
    } else if (out.rule == "WT-3") {
        out.then =
            "Correct the e-mails in PeopleHR, or `rollcall tenant set TENANT bad_email=skip`.";
    } else {
        out.then =
            "Nothing, if PeopleHR is right: it is read again, and a second read that agrees "
            "is believed. If not, correct it there. `rollcall tenant show TENANT` says when.";
    }
    return out;
}

explanation explain(const explain_input& about) {
    const inquiry q(about);
    explanation out;
    out.known = q.known;
    out.in_source = about.row != nullptr;
    out.erased = was_erased(q);
    if (q.known) out.user = q.user;
    out.at = q.past ? *about.at : about.now;
    out.snapshot_taken = about.snapshot_taken;
    out.values = explain_values(q);
    out.stopped = explain_stopped(q);
    const auto shown = q.history.first(std::min(q.history.size(), history_max));
    out.history.assign(shown.begin(), shown.end());
    return out;
}

} // namespace rollcall::sync
