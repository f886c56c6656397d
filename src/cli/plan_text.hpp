// Steps, plans and holds as people read them.
#pragma once
#include <iosfwd>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "verb.hpp"

namespace rollcall::cli {

// What there is room for where a question is to be seen above the next prompt.
inline constexpr std::size_t lines_at_a_glance = 20;

// The old or the new value of a change ("old", "new") as a person would say it.
[[nodiscard]] std::string shown_value(const boost::json::object& change, const std::string& which);
// "2 created, 1 deactivated"; empty where all counts are zero.
[[nodiscard]] std::string counts_text(const boost::json::value& counts);
// One line for each step, the first `limit` of them, and how many more there are of `all`.
void print_steps(const boost::json::array& steps, std::size_t all, std::size_t limit,
                 std::ostream& out);
// Steps, what would be held, and what does not come back. False if there is nothing to do.
bool print_plan(const boost::json::object& plan, std::size_t limit, std::ostream& out);
// The sections of a hold, each with its reason and, where they are there, its steps.
void print_hold(const boost::json::object& hold, std::size_t limit, std::ostream& out);
// What a verb did: "run 12: 3 steps done", and the steps unless they were shown just before.
void print_done(const boost::json::object& run, std::ostream& out, bool shown_before = false);
// Makes a call that changes something of a tenant, for which it waits its turn, and tells what was
// done.
exit_code change(session& in, call what, bool shown_before = false);

} // namespace rollcall::cli
