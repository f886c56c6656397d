// A plot as inline SVG: lines, stacked bars, marks. Written by hand, so that the page needs no
// script and nothing from elsewhere. Colours are classes, which the page sets for light and dark.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace rollcall::capacity {

[[nodiscard]] std::string xml_escaped(std::string_view text);

struct axis {
    std::string label; // with its unit
    double from = 0;
    double to = 1;
    bool log = false;
    std::string_view unit; // of `shown`, for ticks; "hour": 0 to 24; "plain": the number
};

// The colour and the dashes are those of `style`, 1 to 6.
struct series {
    std::string name;
    int style = 1;
    std::vector<std::pair<double, double>> points;
    // The ends of what is not exactly known, drawn as a band behind the line: x, low, high.
    struct band_point {
        double x = 0;
        double low = 0;
        double high = 0;
    };
    std::vector<band_point> band;
};

struct bar {
    double from = 0;
    double to = 0;
    std::vector<double> parts; // from the bottom
};

struct chart {
    std::string id; // of this page
    std::string title;
    std::string description; // for who cannot see it
    axis x;
    axis y;
    std::vector<std::string> bar_names;
    std::vector<bar> bars;
    std::vector<series> lines;
    struct level {
        double y = 0;
        std::string text;
    };
    std::vector<level> levels; // what is required, or all that there is
    struct knee {
        double x = 0;
        std::string text;
    };
    std::vector<knee> knees;
};

// Both get the scale of the larger one, so that they can be compared by eye.
void share_scale(chart& a, chart& b);
// <figure> with the plot and its legend.
[[nodiscard]] std::string figure_of(const chart& of);

} // namespace rollcall::capacity
