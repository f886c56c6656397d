// A plan as a page of its own.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report_charts.hpp"
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

constexpr std::string_view style = R"css(
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1b2330; --faint: #5b6675; --grid: #d9dee5; --panel: #f5f7fa;
  --c1: #1d5fc4; --c2: #b4540a; --c3: #0f7a4f; --c4: #8a2fb0; --c5: #b3261e; --c6: #3d4a5c;
  --good: #0f7a4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12161d; --ink: #e8ecf2; --faint: #a5b0bf; --grid: #333c49; --panel: #1a2029;
  --c1: #7db2ff; --c2: #ffb169; --c3: #5fd6a2; --c4: #d9a0f5; --c5: #ff8f86; --c6: #c3ccd8;
  --good: #5fd6a2; --bad: #ff8f86; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 16px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 8px 0; } h2 { font-size: 1.2rem; margin: 32px 0 8px; }
p { margin: 8px 0; max-width: 75ch; } .faint { color: var(--faint); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px;
  margin: 16px 0; padding: 0; list-style: none; }
.tiles li { background: var(--panel); border-radius: 8px; padding: 10px 12px; }
.tiles b { display: block; font-size: 1.3rem; line-height: 1.3; }
.tiles span { color: var(--faint); font-size: 0.875rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr));
  gap: 20px; }
figure { margin: 0; background: var(--panel); border-radius: 8px; padding: 12px; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 4px; }
figure > svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .tick { fill: var(--faint); } svg .note { font-weight: 600; paint-order: stroke;
  stroke: var(--panel); stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: var(--grid); fill: none; } .axis { stroke: var(--faint); fill: none; }
.level { stroke: var(--ink); stroke-dasharray: 2 3; fill: none; stroke-width: 1.5; }
.knee { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 7 3; fill: none; }
.s1, .s2, .s3, .s4, .s5, .s6 { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); stroke-dasharray: 8 3; }
.s3 { stroke: var(--c3); stroke-dasharray: 3 3; } .s4 { stroke: var(--c4); stroke-dasharray: 9 3 2 3; }
.s5 { stroke: var(--c5); stroke-dasharray: 1 4; stroke-linecap: round; stroke-width: 3; }
.s6 { stroke: var(--c6); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
.band { opacity: 0.18; stroke: none; } .b1 { fill: var(--c1); } .b2 { fill: var(--c2); }
.b3 { fill: var(--c3); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0; padding: 0;
  list-style: none; font-size: 0.875rem; }
.legend svg { width: 28px; height: 12px; margin-right: 6px; vertical-align: middle; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--grid);
  vertical-align: top; }
th { font-weight: 600; } td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.findings { padding-left: 20px; } .findings li { margin: 4px 0; overflow-wrap: anywhere; }
details { margin: 8px 0; } summary { cursor: pointer; font-weight: 600; }
dl { margin: 8px 0; } dt { font-weight: 600; margin-top: 10px; } dd { margin: 0; color: var(--faint);
  overflow-wrap: anywhere; font-size: 0.9375rem; }
@media (max-width: 500px) { body { padding: 10px; } figure { padding: 8px; }
  td.n { white-space: normal; } }
)css";

struct section {
    std::string_view key;
    std::string_view title;
};
constexpr std::array sections{
    section{"freshness", "How fresh it is"}, section{"calls", "Calls of PeopleHR"},
    section{"needs", "What is needed"},
    section{"machine", "Each machine, where it does not say whole fleet"}};

std::string page(std::string_view title, std::string_view body) {
    return fmt::format(
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}</main>\n"
        "</body>\n</html>\n",
        xml_escaped(title), style, body);
}

std::string tile(std::string_view what, std::string_view value) {
    return fmt::format("<li><b>{}</b><span>{}</span></li>\n", xml_escaped(value),
                       xml_escaped(what));
}

std::string ends_text(double factor) {
    if (factor >= 9e4) return "not in sight";
    if (factor < 1) return fmt::format("over by {}\u00d7", shown(1 / factor, "count"));
    return fmt::format("{}\u00d7", shown(factor, "count"));
}

std::string tiles_of(const plan& p) {
    const auto& first = p.uses.front();
    return "<ul class=\"tiles\">\n" +
           tile("addresses needed", shown(p.now.addresses_needed.likely, "addresses")) +
           tile("machines needed", shown(p.now.machines_needed.likely, "machines")) +
           tile("age of truth of 99 %", shown(p.now.age_p99_s.likely, "s")) +
           tile("one sweep of all", shown(p.now.round_s.likely, "s")) +
           tile("use of each address", shown(p.now.address_use.likely, "share")) +
           tile("memory", shown(p.now.machine_memory.likely, "bytes")) +
           tile(fmt::format("this fleet, and {}", words_of(first.which).knee),
                ends_text(first.ends_at.likely)) +
           "</ul>\n";
}

std::string findings_of(const plan& p) {
    std::string out = p.meets() ? "<p class=\"good\">Everything that is required is met.</p>\n"
                                : "<p class=\"bad\">Not everything that is required is met:</p>\n";
    if (p.findings.empty()) return out;
    out += "<ul class=\"findings\">\n";
    for (const auto& each : p.findings) out += "<li>" + xml_escaped(each.text) + "</li>\n";
    return out + "</ul>\n";
}

std::string where_from(const plan& p) {
    const auto& m = p.on;
    auto out = fmt::format(
        "<p class=\"faint\">{} tenants, {} employed people. Figures of {} ({}, {} cores, {}).",
        shown(p.of.tenants, "tenants"), shown(p.now.employees.likely, "people"),
        m.name == "shipped" ? "the profile that Rollcall comes with, not of your machine"
                            : xml_escaped(m.name),
        xml_escaped(m.cpu), m.cores, xml_escaped(m.date));
    out += p.simulated ? " What is called simulated was simulated by fleet-sim."
                       : " The hours of the day are arithmetic of even phases, not simulated.";
    return out + " Bands are what is not exactly known.</p>\n";
}

std::string ends_table(const plan& p) {
    std::string out =
        "<div class=\"wide\"><table>\n<thead><tr><th>what</th><th>ends at</th><th>use now</th>"
        "<th>what helps</th></tr></thead>\n<tbody>\n";
    for (const auto& each : p.uses) {
        const auto& words = words_of(each.which);
        out += fmt::format(
            "<tr><td>{}</td><td class=\"n{}\">{}</td><td>{} {}</td><td>{}</td></tr>\n", words.name,
            each.ends_at.likely < 1 ? " bad" : "", ends_text(each.ends_at.likely),
            shown(each.use.likely, "share"), words.unit_of_use, words.more);
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string figures_table(const plan& p, std::string_view key) {
    std::string out =
        "<div class=\"wide\"><table>\n<thead><tr><th>what</th><th>likely</th><th>from</th>"
        "<th>to</th></tr></thead>\n<tbody>\n";
    for (const auto& each : figures()) {
        if (each.section != key) continue;
        const auto& value = p.now.*each.value;
        const bool exact = value.low == value.high;
        out += fmt::format(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
            "</tr>\n",
            xml_escaped(each.label), shown(value.likely, each.unit),
            exact ? "" : shown(value.low, each.unit), exact ? "" : shown(value.high, each.unit));
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string formulas() {
    std::string out = "<details><summary>What each figure is made of</summary>\n<dl>\n";
    for (const auto& each : figures()) {
        out += fmt::format("<dt>{}</dt><dd>{} = {}; from {}</dd>\n", xml_escaped(each.label),
                           each.key, xml_escaped(each.formula), xml_escaped(each.inputs));
    }
    return out + "</dl>\n</details>\n";
}

std::string compared_table(const plan& a, const plan& b, std::string_view key) {
    auto out = fmt::format(
        "<div class=\"wide\"><table>\n<thead><tr><th>what</th><th>A: {}</th>"
        "<th>B: {}</th><th>B / A</th></tr></thead>\n<tbody>\n",
        xml_escaped(a.of.name), xml_escaped(b.of.name));
    for (const auto& each : figures()) {
        if (each.section != key) continue;
        const auto of_a = (a.now.*each.value).likely;
        const auto of_b = (b.now.*each.value).likely;
        const auto ratio = quotient(of_b, of_a);
        out += fmt::format(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
            "<td class=\"n\">{}</td></tr>\n",
            xml_escaped(each.label), shown(of_a, each.unit), shown(of_b, each.unit),
            std::isfinite(ratio) && ratio > 0 ? shown(ratio, "count") + "\u00d7" : std::string());
    }
    return out + "</tbody>\n</table></div>\n";
}

} // namespace

std::string html_of(const plan& p) {
    auto body = fmt::format("<h1>Capacity plan: {}</h1>\n", xml_escaped(p.of.name));
    body += where_from(p) + findings_of(p) + tiles_of(p) + "<div class=\"charts\">\n";
    for (const auto& each : charts_of(p, "")) body += figure_of(each);
    body += "</div>\n<h2>What ends first as the fleet grows, with nothing added</h2>\n";
    body += ends_table(p);
    for (const auto& part : sections) {
        body += fmt::format("<h2>{}</h2>\n", part.title) + figures_table(p, part.key);
    }
    return page("Capacity plan: " + p.of.name, body + formulas());
}

std::string html_of(const plan& a, const plan& b) {
    const auto title = fmt::format("{} and {}", a.of.name, b.of.name);
    auto body = fmt::format("<h1>Two capacity plans: {}</h1>\n", xml_escaped(title));
    for (const auto* p : {&a, &b}) {
        body += fmt::format("<h2>{}: {}</h2>\n", p == &a ? "A" : "B", xml_escaped(p->of.name));
        body += where_from(*p) + findings_of(*p) + tiles_of(*p);
    }
    body += "<h2>Side by side</h2>\n<div class=\"charts\">\n";
    auto of_a = charts_of(a, "a-");
    auto of_b = charts_of(b, "b-");
    for (std::size_t i = 0; i < of_a.size(); ++i) {
        // Times may have another unit in each; then each keeps its own scale.
        if (of_a[i].y.label == of_b[i].y.label) share_scale(of_a[i], of_b[i]);
        of_a[i].title = "A: " + of_a[i].title;
        of_b[i].title = "B: " + of_b[i].title;
        body += figure_of(of_a[i]) + figure_of(of_b[i]);
    }
    body += "</div>\n";
    for (const auto& part : sections) {
        body += fmt::format("<h2>{}</h2>\n", part.title) + compared_table(a, b, part.key);
    }
    for (const auto* p : {&a, &b}) {
        body += fmt::format("<h2>What ends first: {}</h2>\n", xml_escaped(p->of.name));
        body += ends_table(*p);
    }
    return page("Capacity plans: " + title, body + formulas());
}

} // namespace rollcall::capacity
