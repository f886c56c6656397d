#include "chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

// Small, so that its letters are still letters on a telephone.
constexpr double width = 360;
constexpr double height = 290;
constexpr double left = 64;
constexpr double right = 342;
constexpr double top = 26;
constexpr double bottom = 238;

class plot {
  public:
    explicit plot(const chart& of) : of_(of) {}

    std::string drawn() {
        out_ = fmt::format(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{}-t {}-d\">\n"
            "<title id=\"{}-t\">{}</title>\n<desc id=\"{}-d\">{}</desc>\n",
            width, height, of_.id, of_.id, of_.id, xml_escaped(of_.title), of_.id,
            xml_escaped(of_.description));
        axes();
        bars();
        for (const auto& each : of_.lines) band(each);
        for (const auto& each : of_.lines) line(each);
        levels();
        knees();
        return out_ + "</svg>\n";
    }

  private:
    [[nodiscard]] static double part(const axis& a, double value) {
        if (a.log) {
            return std::log(std::max(value, a.from) / a.from) / std::log(a.to / a.from);
        }
        return (value - a.from) / (a.to - a.from);
    }
    [[nodiscard]] double x(double value) const {
        return left + std::clamp(part(of_.x, value), 0.0, 1.0) * (right - left);
    }
    [[nodiscard]] double y(double value) const {
        return bottom - std::clamp(part(of_.y, value), 0.0, 1.0) * (bottom - top);
    }

    [[nodiscard]] static std::vector<double> ticks(const axis& a) {
        std::vector<double> out;
        if (a.unit == "hour") return {0, 4, 8, 12, 16, 20, 24};
        if (a.log) {
            const double decades = std::log10(a.to / a.from);
            const auto first = static_cast<int>(std::floor(std::log10(a.from)));
            const auto last = static_cast<int>(std::ceil(std::log10(a.to)));
            for (int decade = first; decade <= last; ++decade) {
                for (const double step : {1.0, 2.0, 5.0}) {
                    // Few decades have room for what lies in them.
                    if (step > 1 && decades > 2.5) continue;
                    const double tick = std::pow(10, decade) * step;
                    if (tick >= a.from * 0.999 && tick <= a.to * 1.001) out.push_back(tick);
                }
            }
            return out;
        }
        const double rough = (a.to - a.from) / 5;
        const double unit = std::pow(10, std::floor(std::log10(rough)));
        double step = unit;
        for (const double each : {2.0, 5.0, 10.0}) {
            if (step < rough * 0.99) step = unit * each;
        }
        const auto steps = static_cast<int>((a.to - a.from) / step + 1e-3);
        for (int i = 0; i <= steps; ++i) out.push_back(a.from + i * step);
        return out;
    }

    [[nodiscard]] static std::string tick_text(const axis& a, double value) {
        if (a.unit == "hour") return fmt::format("{:02.0f}", value);
        if (a.unit == "factor") return fmt::format("{}\u00d7", shown(value, "count"));
        if (a.unit == "plain") return shown(value, "count");
        return shown(value, a.unit);
    }

    void axes() {
        for (const double tick : ticks(of_.y)) {
            out_ += fmt::format(
                "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
                "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                left, y(tick), right, left - 5, y(tick) + 4, tick_text(of_.y, tick));
        }
        for (const double tick : ticks(of_.x)) {
            out_ += fmt::format(
                "<path class=\"grid\" d=\"M{:.1f} {:.1f}v4\"/>"
                "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                x(tick), bottom, x(tick), bottom + 18, tick_text(of_.x, tick));
        }
        out_ += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}\"/>\n", left,
                            top, bottom, right);
        out_ += fmt::format(
            "<text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\" "
            "text-anchor=\"middle\">{}</text>\n",
            (left + right) / 2, height - 12, xml_escaped(of_.x.label));
        out_ += fmt::format("<text class=\"label\" x=\"4\" y=\"13\">{}</text>\n",
                            xml_escaped(of_.y.label));
    }

    void bars() {
        for (const auto& each : of_.bars) {
            double under = 0;
            for (std::size_t i = 0; i < each.parts.size(); ++i) {
                const double over = under + each.parts[i];
                const double high = y(under) - y(over);
                if (high > 0) {
                    out_ += fmt::format(
                        "<rect class=\"f{}\" x=\"{:.1f}\" y=\"{:.2f}\" "
                        "width=\"{:.1f}\" height=\"{:.2f}\"/>\n",
                        i + 1, x(each.from) + 1, y(over), x(each.to) - x(each.from) - 2, high);
                }
                under = over;
            }
        }
    }

    void band(const series& of) {
        std::string there;
        std::string back;
        for (const auto& each : of.band) {
            if (!std::isfinite(each.low)) continue;
            const double high = std::isfinite(each.high) ? each.high : of_.y.to;
            there += fmt::format("{}{:.1f} {:.1f}", there.empty() ? "M" : "L", x(each.x), y(high));
            back.insert(0, fmt::format("L{:.1f} {:.1f}", x(each.x), y(each.low)));
        }
        if (there.empty()) return;
        out_ += fmt::format("<path class=\"band b{}\" d=\"{}{}Z\"/>\n", of.style, there, back);
    }

    void line(const series& of) {
        std::string path;
        for (const auto& [at, value] : of.points) {
            if (!std::isfinite(value)) continue;
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(at), y(value));
        }
        if (!path.empty()) out_ += fmt::format("<path class=\"s{}\" d=\"{}\"/>\n", of.style, path);
    }

    void levels() {
        for (const auto& each : of_.levels) {
            const double at = y(each.y);
            out_ += fmt::format(
                "<path class=\"level\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
                "<text class=\"note\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                left, at, right, right - 2, at < top + 14 ? at + 13 : at - 4,
                xml_escaped(each.text));
        }
    }

    void knees() {
        double down = top + 30;
        for (const auto& each : of_.knees) {
            const double at = x(each.x);
            // Beside the line, or as far to its left as the text needs.
            constexpr double letter = 6.6;
            const double room = right - letter * static_cast<double>(each.text.size());
            out_ += fmt::format(
                "<path class=\"knee\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>"
                "<text class=\"note\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                at, top, bottom, std::max(left + 4, std::min(at + 5, room)), down,
                xml_escaped(each.text));
            down += 15;
        }
    }

    const chart& of_;
    std::string out_;
};

} // namespace

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default:
                // XML has no other control characters, not even escaped.
                if (static_cast<unsigned char>(c) >= 0x20) out += c;
        }
    }
    return out;
}

void share_scale(chart& a, chart& b) {
    a.y.from = b.y.from = std::min(a.y.from, b.y.from);
    a.y.to = b.y.to = std::max(a.y.to, b.y.to);
}

std::string figure_of(const chart& of) {
    auto out = fmt::format("<figure>\n<figcaption>{}</figcaption>\n", xml_escaped(of.title));
    out += plot(of).drawn() + "<ul class=\"legend\">\n";
    for (std::size_t i = 0; i < of.bar_names.size(); ++i) {
        out += fmt::format(
            "<li><svg viewBox=\"0 0 28 12\" aria-hidden=\"true\"><rect class=\"f{}\" "
            "x=\"2\" width=\"24\" height=\"12\"/></svg>{}</li>\n",
            i + 1, xml_escaped(of.bar_names[i]));
    }
    for (const auto& each : of.lines) {
        out += fmt::format(
            "<li><svg viewBox=\"0 0 28 12\" aria-hidden=\"true\"><path "
            "class=\"s{}\" d=\"M0 6H28\"/></svg>{}</li>\n",
            each.style, xml_escaped(each.name));
    }
    return out + "</ul>\n</figure>\n";
}

} // namespace rollcall::capacity
