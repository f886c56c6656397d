#include "documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "desk_views.hpp"
#include "views.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::size_t steps_of_a_brief_plan = 20;

// The object without its closing brace, for members that follow.
std::string opened(const json::object& object) {
    auto text = json::serialize(object);
    text.pop_back();
    return text;
}

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& one : list) out.push_back(json::value(one));
    return out;
}

// `owner` keeps `steps` and `names` alive.
void write_steps(sliced_document& to, std::shared_ptr<const void> owner,
                 const std::vector<sync::step>& steps, const step_names& names) {
    to.list(steps.size(), [owner = std::move(owner), &steps, &names](std::size_t i) {
        return json::serialize(to_json(steps[i], names));
    });
}

void write_issues(sliced_document& to, std::shared_ptr<const void> owner,
                  const std::vector<sync::issue>& issues) {
    to.list(issues.size(), [owner = std::move(owner), &issues](std::size_t i) {
        return json::serialize(to_json(issues[i]));
    });
}

json::object head_of(const sync::held_section& section) {
    return {{"guard", name_of(section.what)},
            {"reason", section.reason},
            {"count", section.steps.size()}};
}

// As members of a list that the caller opens and closes.
void write_sections(sliced_document& to, const std::shared_ptr<const void>& owner,
                    const std::vector<sync::held_section>& sections, bool with_steps,
                    const step_names& names) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const auto head = head_of(sections[i]);
        if (i != 0) to.text(",");
        if (!with_steps) {
            to.text(json::serialize(head));
            continue;
        }
        to.text(opened(head) + ",\"steps\":[");
        write_steps(to, owner, sections[i].steps, names);
        to.text("]}");
    }
}

} // namespace

void write_run(sliced_document& to, sync::run_record run, const sync::books* of) {
    struct content {
        sync::run_record run;
        step_names names;
    };
    const auto all = std::make_shared<content>(content{std::move(run), {}});
    if (of != nullptr) add_names(all->names, *of, all->run.steps);
    to.text(opened(to_json(all->run)) + ",\"steps\":[");
    write_steps(to, all, all->run.steps, all->names);
    to.text("],\"changes\":[");
    to.list(all->run.steps.size(),
            [all](std::size_t i) { return flat_changes(all->run.steps[i], all->names); });
    to.text("],\"issues\":[");
    write_issues(to, all, all->run.issues);
    to.text("]}");
}

void write_plan(sliced_document& to, sync::shown_plan plan, const sync::books* of) {
    struct content {
        sync::shown_plan plan;
        step_names names;
    };
    const auto all = std::make_shared<content>(content{std::move(plan), {}});
    const auto& shown = all->plan;
    if (of != nullptr) {
        add_names(all->names, *of, shown.steps);
        for (const auto& section : shown.would_hold) add_names(all->names, *of, section.steps);
    }
    to.text(opened({{"digest", text_or_null(shown.digest)},
                    {"counts", to_json(shown.counts)},
                    {"cannot", texts(shown.cannot)}}) +
            ",\"steps\":[");
    write_steps(to, all, shown.steps, all->names);
    to.text("],\"would_hold\":[");
    write_sections(to, all, shown.would_hold, true, all->names);
    to.text("],\"issues\":[");
    write_issues(to, all, shown.issues);
    to.text("]}");
}

json::object brief_plan(const sync::shown_plan& plan, const sync::books* of) {
    const std::span<const sync::step> first(plan.steps.data(),
                                            std::min(plan.steps.size(), steps_of_a_brief_plan));
    step_names names;
    if (of != nullptr) add_names(names, *of, first);
    json::array steps, sections;
    for (const auto& one : first) steps.push_back(to_json(one, names));
    for (const auto& one : plan.would_hold) sections.push_back(head_of(one));
    return {{"digest", text_or_null(plan.digest)}, {"counts", to_json(plan.counts)},
            {"cannot", texts(plan.cannot)},        {"step_count", plan.steps.size()},
            {"steps", std::move(steps)},           {"would_hold", std::move(sections)}};
}

void write_hold(sliced_document& to, std::string_view tenant, sync::hold held, bool with_steps,
                const sync::books* of, const std::optional<sync::doubted_read>& doubted) {
    struct content {
        sync::hold held;
        step_names names;
    };
    const auto all = std::make_shared<content>(content{std::move(held), {}});
    const auto& shown = all->held;
    if (of != nullptr && with_steps) {
        for (const auto& section : shown.sections) add_names(all->names, *of, section.steps);
    }
    to.text(opened({{"tenant", tenant},
                    {"digest", text_or_null(shown.digest)},
                    {"run", shown.empty() ? json::value(nullptr) : json::value(shown.run)},
                    {"since", time_json(shown.since)},
                    {"count", shown.steps()},
                    {"doubted", doubted ? json::value(to_json(*doubted)) : json::value(nullptr)}}) +
            ",\"sections\":[");
    write_sections(to, all, shown.sections, with_steps, all->names);
    to.text("]}");
}

} // namespace rollcall::edge
