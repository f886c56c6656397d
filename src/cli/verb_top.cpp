// top: what the fleet does right now, on a screen that keeps itself up to date.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <ostream>

#include "screen.hpp"
#include "top_layout.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using clock = std::chrono::steady_clock;

constexpr int rows_wanted = 60; // in each list: those of a tall terminal
constexpr std::chrono::milliseconds try_again{1000};
constexpr int key_turn = 200; // milliseconds

struct top_options {
    int interval = 2;
    bool once = false;
};

class live_screen {
  public:
    live_screen(session& in, int interval, json::object first)
        : in_(in), interval_(interval), document_(std::move(first)) {
        view_.keys = screen_.has_keys();
        const auto no_color = in.where.environment("NO_COLOR");
        colours_ = !no_color || no_color->empty();
    }

    // Until somebody quits.
    void run() {
        draw();
        while (!done_) {
            const auto ended = follow();
            if (done_) break;
            lost_since_ = lost_since_.value_or(clock::now());
            why_lost_ = ended;
            const auto until = clock::now() + try_again;
            while (go_on() && clock::now() < until) {
                draw();
                screen_.wait(key_turn);
            }
        }
    }

  private:
    // Draws each picture that the daemon sends; says why there are no more.
    std::string follow() {
        call what{.method = "GET",
                  .target = fmt::format("/v1/top?rows={}&interval={}", rows_wanted, interval_),
                  .silence_max = std::chrono::seconds{3 * interval_ + 5}};
        what.on_line = [this](std::string_view line) { take(line); };
        what.wake_on = screen_.keys();
        what.keep_on = [this] { return go_on(); };
        const auto answer = ask(in_.daemon, std::move(what));
        return answer ? "the daemon has ended the stream" : answer.error().message;
    }

    void take(std::string_view line) {
        boost::system::error_code error;
        auto value = json::parse(line, error);
        if (error || !value.is_object()) return;
        lost_since_.reset();
        if (view_.paused) return;
        document_ = std::move(value.get_object());
        draw();
    }

    // What was pressed or asked for meanwhile; false once it is time to go.
    bool go_on() {
        bool stale = screen_.resized();
        while (const auto key = screen_.key()) {
            stale = true;
            if (*key == 'q' || *key == 'Q') done_ = true;
            if (*key == 'p' || *key == ' ') view_.paused = !view_.paused;
            if (*key == 's') {
                view_.sort =
                    view_.sort == top_sort::stalest ? top_sort::slowest : top_sort::stalest;
            }
            if (done_) break;
        }
        done_ = done_ || screen_.ended();
        if (!done_ && (stale || screen_.resized())) draw();
        return !done_;
    }

    void draw() {
        view_.notice.clear();
        if (lost_since_) {
            const auto gone =
                std::chrono::duration_cast<std::chrono::seconds>(clock::now() - *lost_since_);
            view_.notice = fmt::format("NO DAEMON for {} s, this is the last picture: {}",
                                       gone.count(), why_lost_);
        }
        screen_.draw(top_frame(top_layout(document_, screen_.size(), view_), colours_));
    }

    session& in_;
    int interval_;
    json::object document_;
    top_view view_;
    bool colours_ = true;
    bool done_ = false;
    std::optional<clock::time_point> lost_since_;
    std::string why_lost_;
    screen screen_;
};

void print_once(session& in, const json::object& document) {
    screen_size size{80, 0};
    winsize terminal_size{};
    if (in.where.out_is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &terminal_size) == 0 &&
        terminal_size.ws_col != 0) {
        size.width = terminal_size.ws_col;
    }
    top_view view;
    view.keys = false;
    for (const auto& line : top_layout(document, size, view)) {
        const auto end = line.text.find_last_not_of(' ');
        in.where.out << line.text.substr(0, end == std::string::npos ? 0 : end + 1) << '\n';
    }
}

// A terminal that says it can do nothing gets what no terminal gets.
bool can_draw(const session& in) {
    const auto kind = in.where.environment("TERM");
    return in.where.out_is_terminal && kind && !kind->empty() && *kind != "dumb";
}

exit_code top(session& in, const top_options& options) {
    auto first =
        ask(in.daemon, {.method = "GET", .target = fmt::format("/v1/top?rows={}", rows_wanted)});
    if (!first) return in.fail(first.error());
    if (in.json) {
        in.print(*first);
    } else if (options.once || !can_draw(in)) {
        print_once(in, *first);
    } else {
        live_screen(in, options.interval, *std::move(first)).run();
        screen::end_by_signal();
    }
    return exit_code::ok;
}

} // namespace

void add_top(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<top_options>();
    auto& sub = add_verb(program, chosen, "top",
                         "Watch the fleet: calls, queues, runs, the stalest and slowest tenants",
                         options, top);
    sub.add_option("--interval", options->interval, "Seconds from one picture to the next")
        ->check(CLI::Range(1, 60))
        ->capture_default_str();
    sub.add_flag("--once", options->once, "Print one picture and end, as without a terminal");
}

} // namespace rollcall::cli
