#include "rollcall/sync/answers.hpp"

#include <algorithm>

#include "answers_parts.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t history_max = 100;

} // namespace

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
