// Runs, plans and holds as JSON documents that are written in slices: each may have a step for
// every person of a large tenant.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "rollcall/sync/desk.hpp"
#include "sliced_document.hpp"
#include "step_view.hpp"

namespace rollcall::edge {

// `of` null: without names.
void write_run(sliced_document& to, sync::run_record run, const sync::books* of);
void write_plan(sliced_document& to, sync::shown_plan plan, const sync::books* of);
// The counts, the digest, the first steps and what would be held: enough for a refusal.
[[nodiscard]] boost::json::object brief_plan(const sync::shown_plan& plan, const sync::books* of);
// `with_steps`: else each section only counts them.
void write_hold(sliced_document& to, std::string_view tenant, sync::hold held, bool with_steps,
                const sync::books* of, const std::optional<sync::doubted_read>& doubted);

} // namespace rollcall::edge
