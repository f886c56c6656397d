// Routes of users: a page, a look-up, one user.
#include <algorithm>

#include "control_routes.hpp"
#include "cursor.hpp"
#include "desk_body.hpp"
#include "rollcall/core/text.hpp"
#include "user_view.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;
using directory::user_ref;

constexpr std::uint64_t users_page = 100, users_page_max = 500;
// Users looked at before other work gets its turn: well under a millisecond.
constexpr std::size_t walk_slice = 8192;
// A directory that changes under each slice is walked in one go at last, so that a page always
// comes.
constexpr int sliced_walks_max = 4;

} // namespace

task<std::optional<control_routes::user_page>> control_routes::collect_page(
    const std::string& tenant, std::uint32_t after, std::size_t limit) {
    // The smallest `limit + 1` uids above `after`, the largest on top; the one too many says
    // "more".
    std::vector<std::pair<std::uint32_t, user_ref>> heap;
    heap.reserve(limit + 2);
    for (int walk = 1;; ++walk) {
        heap.clear();
        const auto* users = fleet_.users(tenant);
        if (users == nullptr) co_return std::nullopt;
        const auto generation = users->generation();
        auto at = users->next(user_ref::none);
        bool torn = false;
        for (std::size_t seen = 1; at != user_ref::none && !torn; ++seen) {
            if (const auto uid = users->meta(at).uid; uid > after) {
                heap.emplace_back(uid, at);
                std::push_heap(heap.begin(), heap.end());
                if (heap.size() > limit + 1) {
                    std::pop_heap(heap.begin(), heap.end());
                    heap.pop_back();
                }
            }
            at = users->next(at);
            if (at != user_ref::none && seen % walk_slice == 0 && walk <= sliced_walks_max) {
                co_await home_.yield();
                users = fleet_.users(tenant);
                if (users == nullptr) co_return std::nullopt;
                torn = users->generation() != generation;
            }
        }
        if (!torn) break;
    }
    std::sort(heap.begin(), heap.end());
    user_page page;
    page.more = heap.size() > limit;
    if (page.more) heap.pop_back();
    for (const auto& [uid, which] : heap) page.users.push_back(which);
    if (!heap.empty()) page.last_uid = heap.back().first;
    co_return page;
}

task<http::response> control_routes::list_users(http::request incoming) {
    const std::string name = incoming.parameters.at("tenant");
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto id = query.text("id");
    const auto email = query.text("email");
    const auto after = query.text("after");
    const auto limit = query.number("limit", users_page, 1, users_page_max);
    query.refuse_others();
    std::uint32_t after_uid = 0;
    if (after) {
        const auto cursor = read_user_cursor(*after);
        if (!cursor) wrong.push_back({"after", "is not a cursor: give back the `next` of a page"});
        after_uid = cursor.value_or(0);
    }
    if ((id ? 1 : 0) + (email ? 1 : 0) + (after ? 1 : 0) > 1) {
        wrong.push_back({"", "Only one of id, email and after can be given"});
    }
    if (!wrong.empty()) co_return faults_problem(wrong);

    const auto* users = fleet_.users(name);
    if (users == nullptr) co_return unknown_tenant(name);
    user_page page;
    if (id || email) {
        std::string scratch;
        const auto which =
            id ? users->find_by_id(*id) : users->find_by_email(fold(trim(*email), scratch));
        if (which != user_ref::none) page.users.push_back(which);
    } else {
        auto collected = co_await collect_page(name, after_uid, limit);
        if (!collected) co_return unknown_tenant(name);
        page = std::move(*collected);
    }
    // No suspension from here on: the references are into the directory as it is now.
    const auto* books = fleet_.books_of(name);
    const auto tenant = fleet_.tenant(name);
    if (books == nullptr || !tenant) co_return unknown_tenant(name);
    json::array list;
    list.reserve(page.users.size());
    user_viewer viewer(*books, tenant->settings, home_.wall_now());
    for (const auto which : page.users) list.push_back(viewer.view(which));
    json::object answer{
        {"users", std::move(list)}, {"next", nullptr}, {"total", books->users.size()}};
    if (page.more) answer["next"] = make_user_cursor(page.last_uid);
    co_return http::json_response(answer);
}

task<http::response> control_routes::show_user(http::request incoming) {
    const std::string name = incoming.parameters.at("tenant");
    const std::string person = incoming.parameters.at("user");
    const auto tenant = fleet_.tenant(name);
    if (!tenant) co_return unknown_tenant(name);
    faults wrong;
    query_reader query(incoming.query, wrong);
    const auto given = query.text("at");
    query.refuse_others();
    std::optional<wall_time> at;
    if (given) at = read_time(*given, tenant->settings.time_zone);
    if (given && !at) wrong.push_back({"at", std::string(time_help)});
    if (!wrong.empty()) co_return faults_problem(wrong);

    std::optional<directory::user_data> user;
    if (at) {
        auto answer = co_await desk_.explain(name, person, at);
        if (!answer) co_return problem_of(answer.error(), name);
        user = std::move(answer->user);
    } else {
        auto found = desk_.user(name, person);
        if (!found && found.error().code != errc::not_found) co_return http::problem(found.error());
        if (found) user = std::move(*found);
    }
    const auto* books = fleet_.books_of(name);
    if (books == nullptr) co_return unknown_tenant(name);
    if (!user) {
        co_return http::problem(
            404, name_of(errc::not_found), "Unknown user",
            "No user of \"" + name + "\" is called \"" + person +
                "\"; a user is named by PeopleHR id (letter by letter), e-mail or uid:N");
    }
    user_viewer viewer(*books, tenant->settings, home_.wall_now());
    co_return http::json_response(viewer.view(user->meta, user->values()));
}

} // namespace rollcall::edge
