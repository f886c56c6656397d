// What the handlers behind the control socket share. They live on the home shard.
#pragma once
#include <optional>
#include <string_view>

#include "request_reader.hpp"
#include "rollcall/async/shard.hpp"
#include "rollcall/core/log.hpp"
#include "rollcall/http/server.hpp"
#include "rollcall/sync/desk.hpp"

namespace rollcall::edge {

class route_base {
  protected:
    route_base(sync::fleet& fleet, shard& home, const logger& log)
        : fleet_(fleet), desk_(fleet), home_(home), log_(log) {}

    // 404 with the nearest known name.
    [[nodiscard]] http::response unknown_tenant(std::string_view name) const;
    [[nodiscard]] http::response problem_of(const failure& what, std::string_view tenant) const;
    // One line for each verb that changes something, with the peer's credentials.
    void note(std::string_view event, const http::request& by, std::string_view tenant) const;
    [[nodiscard]] static std::optional<http::response> refuse_parameters(
        const http::request& incoming);
    // The number of a run in a path; a fault where it is none.
    [[nodiscard]] static std::optional<std::uint64_t> run_number(const http::request& incoming,
                                                                 faults& out);

    // The whole run, written in slices.
    [[nodiscard]] http::response run_answer(const std::string& tenant, sync::run_record run);
    [[nodiscard]] http::response plan_answer(const std::string& tenant, sync::shown_plan plan);
    // What a verb of a person ended in: the run, or why not; with its line in the log.
    [[nodiscard]] http::response done_answer(std::string_view event, const http::request& by,
                                             const std::string& tenant,
                                             outcome<sync::run_record> end);

    sync::fleet& fleet_;
    sync::desk desk_;
    shard& home_;
    logger log_;
};

} // namespace rollcall::edge
