#include "top_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using style = top_line::style;

constexpr std::size_t gap = 3; // between blocks that stand side by side
constexpr std::size_t width_of_two = 75, width_of_four = 236; // from which so many do
constexpr std::size_t width_of_details = 56;                  // of a block that has room for more
constexpr std::size_t bar_cells = 20;
constexpr std::size_t rows_of_addresses_max = 6;
constexpr std::size_t all_rows = 1000;

double number(const json::object& from, std::string_view path) {
    const auto& value = at(from, path);
    return value.is_number() ? value.to_number<double>() : 0.0;
}

std::string duration_cell(const json::object& from, std::string_view path,
                          const std::string& otherwise) {
    const auto& value = at(from, path);
    return value.is_number() ? short_duration(value.to_number<double>()) : otherwise;
}

// A table of a fixed width: the first column takes what the others, which stand at the right,
// leave.
struct block {
    std::vector<std::string> heads;
    std::vector<std::vector<std::string>> rows;
    std::size_t total = 0; // of the rows that there would be

    [[nodiscard]] std::size_t height() const { return 1 + std::max<std::size_t>(rows.size(), 1); }
    // The heading and at most `height` - 1 rows.
    [[nodiscard]] std::vector<std::string> lines(std::size_t width, std::size_t height) const;
};

std::vector<std::string> block::lines(std::size_t width, std::size_t height) const {
    const auto shown = std::min(rows.size(), height > 0 ? height - 1 : 0);
    auto titles = heads;
    if (total > shown && shown != 0) titles[0] += fmt::format(" {}/{}", shown, total);
    std::vector<std::size_t> widths(heads.size());
    std::size_t others = 0;
    for (std::size_t c = 1; c < heads.size(); ++c) {
        widths[c] = display_width(titles[c]);
        for (std::size_t r = 0; r < shown; ++r) {
            widths[c] = std::max(widths[c], display_width(escaped(rows[r][c])));
        }
        others += widths[c] + 2;
    }
    widths[0] = width > others ? width - others : 0;
    const auto line_of = [&](const std::vector<std::string>& cells) {
        auto out = fitted(cells[0], widths[0]);
        for (std::size_t c = 1; c < cells.size(); ++c) {
            const auto text = escaped(cells[c]);
            out +=
                std::string(2 + widths[c] - std::min(widths[c], display_width(text)), ' ') + text;
        }
        return fitted(out, width);
    };
    std::vector<std::string> out{line_of(titles)};
    for (std::size_t r = 0; r < shown; ++r) out.push_back(line_of(rows[r]));
    if (rows.empty() && height > 1) out.push_back(fitted("none", width));
    return out;
}

block addresses_of(const json::object& document, std::size_t width) {
    block out{{"ADDRESS", "CALLS/MIN", "ROOM", "PAUSED"}, {}, 0};
    for (const auto& each : list_at(document, "addresses")) {
        if (!each.is_object()) continue;
        const auto& one = each.get_object();
        const double used = number(one, "used");
        const double limit = std::max(1.0, number(one, "limit"));
        std::string bar;
        if (width >= width_of_details) {
            const auto full = std::clamp(used / limit, 0.0, 1.0) * static_cast<double>(bar_cells);
            bar.assign(bar_cells, '.');
            std::fill_n(bar.begin(), static_cast<std::size_t>(std::lround(full)), '#');
            bar += ' ';
        }
        const bool paused = number(one, "paused_seconds") > 0;
        out.rows.push_back({at(one, "address").is_null() ? "default" : cell(one, "address"),
                            fmt::format("{}{:.0f}/{:.0f}", bar, used, limit), cell(one, "room"),
                            at(one, "unusable") == json::value(true) ? "unusable"
                            : paused ? duration_cell(one, "paused_seconds", "-")
                                     : "-"});
    }
    out.total = out.rows.size();
    if (out.rows.size() > rows_of_addresses_max) out.rows.resize(rows_of_addresses_max);
    return out;
}

block queues_of(const json::object& document) {
    block out{{"QUEUE", "READY", "RUNNING", "OLDEST"}, {}, 0};
    for (const auto& each : list_at(document, "queues")) {
        if (!each.is_object()) continue;
        const auto& one = each.get_object();
        const bool waits = number(one, "ready") > 0;
        out.rows.push_back({cell(one, "name"), cell(one, "ready"), cell(one, "running"),
                            waits ? duration_cell(one, "oldest_wait_seconds", "-") : "-"});
    }
    out.total = out.rows.size();
    return out;
}

// The rows of one of the document's lists of tenants.
template <class Row>
block list_of(const json::object& document, std::string_view list, std::vector<std::string> heads,
              Row row) {
    block out{std::move(heads), {}, 0};
    for (const auto& each : list_at(document, list)) {
        if (each.is_object()) out.rows.push_back(row(each.get_object()));
    }
    out.total = out.rows.size();
    return out;
}

std::vector<block> panels_of(const json::object& document, top_sort sort, std::size_t width) {
    std::vector<block> out;
    out.push_back(list_of(document, "running", {"RUNNING", "CAUSE", "SINCE"}, [](const auto& one) {
        return std::vector{cell(one, "tenant"), cell(one, "cause"),
                           duration_cell(one, "seconds", "-")};
    }));
    if (sort == top_sort::stalest) {
        out.push_back(
            list_of(document, "stalest", {"STALEST", "STATE", "AGE"}, [](const auto& one) {
                return std::vector{cell(one, "tenant"), cell(one, "state"),
                                   duration_cell(one, "truth_age_seconds", "never")};
            }));
    } else {
        out.push_back(
            list_of(document, "slowest", {"SLOWEST", "ROWS", "LAST RUN"}, [](const auto& one) {
                return std::vector{cell(one, "tenant"), cell(one, "rows"),
                                   duration_cell(one, "last_run_seconds", "-")};
            }));
    }
    const bool details = width >= width_of_details;
    std::vector<std::string> heads{"TROUBLE", "STATE", "NEXT TRY"};
    if (details) heads.insert(heads.begin() + 2, "WHY");
    out.push_back(list_of(document, "trouble", heads, [details](const auto& one) {
        std::vector row{cell(one, "tenant"), cell(one, "state"),
                        duration_cell(one, "next_try_seconds", "-")};
        if (details) row.insert(row.begin() + 2, cell(one, "code"));
        return row;
    }));
    out.back().total = static_cast<std::size_t>(number(document, "troubled_tenants"));
    out.push_back(list_of(document, "holds", {"TO APPROVE", "STEPS", "SINCE"}, [](const auto& one) {
        constexpr std::size_t date = 10;
        return std::vector{cell(one, "tenant"), cell(one, "held_steps"),
                           cell(one, "held_since").substr(0, date)};
    }));
    out.back().total = static_cast<std::size_t>(number(document, "held_tenants"));
    return out;
}

std::string tenants_line(const json::object& document) {
    auto out = fmt::format("tenants {}", cell(document, "tenants.total"));
    if (const auto& counts = at(document, "tenants.by_state"); counts.is_object()) {
        for (const auto& [name, count] : counts.get_object()) {
            out += fmt::format("  {} {}", cell(counts.get_object(), name), std::string_view(name));
        }
    }
    return out;
}

std::string truth_line(const json::object& document) {
    const auto age = [&](std::string_view path) { return duration_cell(document, path, "-"); };
    return fmt::format("truth  p50 {}  p99 {}  max {}  late {} (over {})  never read {}",
                       age("freshness.p50_seconds"), age("freshness.p99_seconds"),
                       age("freshness.max_seconds"), cell(document, "freshness.late"),
                       age("freshness.bound_seconds"), cell(document, "freshness.never"));
}

class picture {
  public:
    explicit picture(screen_size size) : size_(size) {}

    void add(std::string_view text, style how = style::plain) {
        lines_.push_back({fitted(text, size_.width), how});
    }
    // Blocks side by side, as many in a row as are wide enough; each row as high as its highest
    // block, or `height`, whichever is less.
    void add_grid(const std::vector<block>& blocks, std::size_t height);
    [[nodiscard]] std::size_t per_row(std::size_t blocks) const {
        const std::size_t fit = size_.width >= width_of_four  ? 4
                                : size_.width >= width_of_two ? 2
                                                              : 1;
        return std::min(fit, blocks);
    }
    [[nodiscard]] std::size_t block_width(std::size_t blocks) const {
        const auto columns = per_row(blocks);
        return (size_.width - std::min(size_.width, gap * (columns - 1))) / columns;
    }
    [[nodiscard]] std::size_t used() const { return lines_.size(); }
    [[nodiscard]] std::vector<top_line> take() { return std::move(lines_); }

  private:
    screen_size size_;
    std::vector<top_line> lines_;
};

void picture::add_grid(const std::vector<block>& blocks, std::size_t height) {
    const auto columns = per_row(blocks.size());
    const auto width = block_width(blocks.size());
    for (std::size_t first = 0; first < blocks.size(); first += columns) {
        const auto end = std::min(first + columns, blocks.size());
        std::vector<std::vector<std::string>> parts;
        std::size_t highest = 0;
        for (auto i = first; i < end; ++i) {
            parts.push_back(blocks[i].lines(width, std::min(height, blocks[i].height())));
            highest = std::max(highest, parts.back().size());
        }
        for (std::size_t row = 0; row < highest; ++row) {
            std::string line;
            for (std::size_t c = 0; c < parts.size(); ++c) {
                if (c != 0) line.append(gap, ' ');
                line += row < parts[c].size() ? parts[c][row] : std::string(width, ' ');
            }
            add(line, row == 0 ? style::heading : style::plain);
        }
    }
}

std::string keys_line(const top_view& view) {
    return fmt::format("q quit   s sort: {}   p {}",
                       view.sort == top_sort::stalest ? "stalest" : "slowest",
                       view.paused ? "go on" : "pause");
}

} // namespace

std::vector<top_line> top_layout(const json::object& document, screen_size size,
                                 const top_view& view) {
    picture out(size);
    out.add(fmt::format("rollcall  {}  up {}{}{}", cell(document, "at"),
                        duration_cell(document, "uptime_seconds", "-"),
                        at(document, "draining") == json::value(true) ? "  DRAINING" : "",
                        view.paused ? "  PAUSED" : ""),
            style::title);
    out.add(tenants_line(document));
    out.add(fmt::format("last minute  {} calls  {} runs  {} rows",
                        cell(document, "last_minute.calls"), cell(document, "last_minute.runs"),
                        cell(document, "last_minute.rows")));
    out.add(truth_line(document),
            number(document, "freshness.late") > 0 ? style::warning : style::plain);
    out.add("");
    out.add_grid({addresses_of(document, out.block_width(2)), queues_of(document)}, all_rows);
    out.add("");
    const auto panels = panels_of(document, view.sort, out.block_width(4));
    const std::size_t foot = !view.notice.empty() || view.keys ? 1 : 0;
    std::size_t each = all_rows;
    if (size.height != 0) {
        const auto rows =
            (panels.size() + out.per_row(panels.size()) - 1) / out.per_row(panels.size());
        const auto room = size.height - std::min(size.height, out.used() + foot);
        each = room / rows;
    }
    if (each > 0) out.add_grid(panels, each);
    auto lines = out.take();
    if (size.height != 0) {
        lines.resize(size.height - std::min(size.height, foot),
                     {std::string(size.width, ' '), style::plain});
    }
    if (!view.notice.empty()) {
        lines.push_back({fitted(view.notice, size.width), style::warning});
    } else if (view.keys) {
        lines.push_back({fitted(keys_line(view), size.width), style::heading});
    }
    return lines;
}

std::string top_frame(const std::vector<top_line>& lines, bool colours) {
    std::string out = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& one = lines[i];
        if (i != 0) out += "\r\n";
        switch (one.how) {
            case style::plain: out += one.text; break;
            case style::title: out += "\x1b[7m" + one.text + "\x1b[0m"; break;
            case style::heading: out += "\x1b[1m" + one.text + "\x1b[0m"; break;
            case style::warning:
                out += (colours ? "\x1b[1;31m" : "\x1b[1m") + one.text + "\x1b[0m";
                break;
        }
        out += "\x1b[K";
    }
    return out + "\x1b[J";
}

} // namespace rollcall::cli
