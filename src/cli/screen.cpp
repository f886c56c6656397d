#include "screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace rollcall::cli {
namespace {

// The other screen, an empty one, without a cursor and without wrapping at the right edge; and
// back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?7l";
constexpr std::string_view leave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array asking_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};
constexpr std::array crashing_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// Read and written by signal handlers.
volatile std::sig_atomic_t asked_to_end = 0;
volatile std::sig_atomic_t asked_to_stop = 0;
volatile std::sig_atomic_t size_changed = 0;
volatile std::sig_atomic_t is_taken = 0;
volatile std::sig_atomic_t has_keyboard = 0;
termios as_it_was{};
std::array<struct sigaction, asking_signals.size() + crashing_signals.size()> actions_before{};

// Only what a signal handler may call.
void write_all(std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(STDOUT_FILENO, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            pollfd until_room{STDOUT_FILENO, POLLOUT, 0};
            (void)::poll(&until_room, 1, 1000);
            continue;
        }
        if (n < 0) return;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

void give_back() {
    if (is_taken == 0) return;
    is_taken = 0;
    if (has_keyboard != 0) (void)::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
    write_all(leave);
}

void take() {
    if (has_keyboard != 0) {
        auto raw = as_it_was;
        // Keys come one by one and unseen; Ctrl-C and Ctrl-Z go on being signals.
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        (void)::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    is_taken = 1;
    write_all(enter);
}

extern "C" void on_signal(int number) {
    switch (number) {
        case SIGWINCH: size_changed = 1; break;
        case SIGTSTP: asked_to_stop = 1; break;
        default: asked_to_end = number; break;
    }
}

// The terminal first; then the crash is what it would have been.
extern "C" void on_crash(int number) {
    const int error = errno;
    give_back();
    errno = error;
    std::signal(number, SIG_DFL);
    (void)::raise(number);
}

template <std::size_t N>
void handle(const std::array<int, N>& signals, void (*with)(int), std::size_t first) {
    struct sigaction action{};
    action.sa_handler = with; // without SA_RESTART: a signal ends a wait
    for (std::size_t i = 0; i < N; ++i) {
        (void)::sigaction(signals[i], &action, &actions_before[first + i]);
    }
}

template <std::size_t N>
void handle_as_before(const std::array<int, N>& signals, std::size_t first) {
    for (std::size_t i = 0; i < N; ++i) {
        (void)::sigaction(signals[i], &actions_before[first + i], nullptr);
    }
}

} // namespace

screen::screen() {
    asked_to_end = 0;
    asked_to_stop = 0;
    size_changed = 0;
    has_keys_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &as_it_was) == 0;
    has_keyboard = has_keys_ ? 1 : 0;
    handle(asking_signals, on_signal, 0);
    handle(crashing_signals, on_crash, asking_signals.size());
    take();
}

screen::~screen() {
    give_back();
    handle_as_before(asking_signals, 0);
    handle_as_before(crashing_signals, asking_signals.size());
}

screen_size screen::size() const {
    winsize now{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) != 0 || now.ws_col == 0 || now.ws_row == 0) {
        return {};
    }
    return {now.ws_col, now.ws_row};
}

int screen::keys() const noexcept {
    return has_keys_ ? STDIN_FILENO : -1;
}

std::optional<char> screen::key() {
    stop_if_asked();
    if (!has_keys_) return {};
    pollfd typed{STDIN_FILENO, POLLIN, 0};
    if (::poll(&typed, 1, 0) <= 0) return {};
    char pressed = 0;
    const auto n = ::read(STDIN_FILENO, &pressed, 1);
    if (n == 1) return pressed;
    // Readable, and nothing to read: the terminal is gone.
    if (n == 0 || errno != EINTR) return 'q';
    return {};
}

void screen::wait(int milliseconds) const {
    pollfd typed{keys(), POLLIN, 0};
    (void)::poll(&typed, 1, milliseconds);
}

void screen::draw(std::string_view frame) const {
    write_all(frame);
}

bool screen::resized() noexcept {
    const bool now = size_changed != 0;
    size_changed = 0;
    return now;
}

bool screen::ended() const noexcept {
    return asked_to_end != 0;
}

void screen::end_by_signal() {
    if (asked_to_end == 0 || asked_to_end == SIGINT) return;
    std::signal(asked_to_end, SIG_DFL);
    (void)::raise(asked_to_end);
}

// Ctrl-Z: the shell gets its terminal as it was, and we ours again when it goes on.
void screen::stop_if_asked() {
    if (asked_to_stop == 0) return;
    asked_to_stop = 0;
    give_back();
    (void)::raise(SIGSTOP);
    take();
    size_changed = 1;
}

} // namespace rollcall::cli
