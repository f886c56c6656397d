#include "rollcall/sync/announcements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace rollcall::sync {
namespace {

constexpr std::int64_t days_kept = 7;
constexpr hours week_long{24 * days_kept};
constexpr std::uint32_t halvings_max = 5; // 24 h become 45 minutes, which is below an hour
constexpr std::size_t lately_lost_max = 1000;

std::int64_t day_of(wall_time t) {
    return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

// What a step says of its person, if PeopleHR told of it: what time alone or a person here brought,
// such as the end of a leaving date, was announced before or by nobody.
std::optional<announced_kind> kind_of(const step& s) {
    switch (s.kind) {
        case step_kind::create: return announced_kind::starter;
        case step_kind::update:
        case step_kind::blank: {
            const bool leaving = std::ranges::any_of(
                s.changes, [](const change& c) { return c.what == attribute::leaving_date; });
            return leaving ? announced_kind::leaver : announced_kind::detail;
        }
        case step_kind::relink:
        case step_kind::reactivate:
        case step_kind::move:
        case step_kind::change_email: return announced_kind::detail;
        default: return std::nullopt;
    }
}

struct person {
    announced_kind kind = announced_kind::detail;
    std::string_view id;
    std::string_view old_id; // of somebody who was relinked
};

// One for each person, however many steps there are: the kind that says most.
std::vector<person> people_in(std::span<const step> applied) {
    std::map<std::uint32_t, person> found;
    for (const auto& each : applied) {
        const auto kind = kind_of(each);
        if (!kind) continue;
        const auto [place, fresh] = found.try_emplace(each.subject, person{*kind, each.label, {}});
        auto& one = place->second;
        if (!fresh && one.kind == announced_kind::detail) one.kind = *kind;
        for (const auto& c : each.changes) {
            if (c.what != attribute::external_id || c.old_value.empty()) continue;
            one.id = c.new_value;
            one.old_id = c.old_value;
        }
    }
    std::vector<person> out;
    out.reserve(found.size());
    for (const auto& [uid, one] : found) out.push_back(one);
    return out;
}

// The numbers of a text, which is read from left to right until one is none.
class numbers {
  public:
    explicit numbers(std::string_view text) : rest_(text) {}
    template <class Integer>
    [[nodiscard]] Integer next() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == ',')) {
            rest_.remove_prefix(1);
        }
        Integer value{};
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{}) good_ = false;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }
    [[nodiscard]] bool good() const noexcept { return good_; }
    [[nodiscard]] bool ended() const noexcept { return rest_.empty(); }

  private:
    std::string_view rest_;
    bool good_ = true;
};

constexpr int text_version = 1;

} // namespace

std::string_view subscription_of(announced_kind kind) noexcept {
    switch (kind) {
        case announced_kind::starter: return "New Starter Added";
        case announced_kind::detail: return "Employee Detail Updated";
        case announced_kind::leaver: return "Marked Leaver";
    }
    return "unknown";
}

std::uint32_t announced_counts::all_told() const noexcept {
    return told[0] + told[1] + told[2];
}
std::uint32_t announced_counts::all_lost() const noexcept {
    return lost[0] + lost[1] + lost[2];
}
double announced_counts::loss_rate() const noexcept {
    const auto all = all_told() + all_lost();
    return all == 0 ? 0 : static_cast<double>(all_lost()) / static_cast<double>(all);
}

// "1 EVENTS LAST_EVENT_MS LAST_BEGAN_MS LAST_BAD_MS HALVINGS", then for each day
// " DAY,told,told,told,lost,lost,lost".
std::string announcements::to_text() const {
    auto out = fmt::format("{} {} {} {} {} {}", text_version, events_, to_unix_ms(last_event_),
                           to_unix_ms(last_began_), to_unix_ms(last_bad_), halvings_);
    for (const auto& [day, c] : days_) {
        out += fmt::format(" {},{},{},{},{},{},{}", day, c.told[0], c.told[1], c.told[2], c.lost[0],
                           c.lost[1], c.lost[2]);
    }
    return out;
}

announcements announcements::from_text(std::string_view text) {
    announcements out;
    numbers in(text);
    if (in.next<int>() != text_version) return {};
    out.events_ = in.next<std::uint64_t>();
    out.last_event_ = from_unix_ms(in.next<std::int64_t>());
    out.last_began_ = from_unix_ms(in.next<std::int64_t>());
    out.last_bad_ = from_unix_ms(in.next<std::int64_t>());
    out.halvings_ = std::min(in.next<std::uint32_t>(), halvings_max);
    while (in.good() && !in.ended()) {
        auto& day = out.days_[in.next<std::int64_t>()];
        for (auto& each : day.told) each = in.next<std::uint32_t>();
        for (auto& each : day.lost) each = in.next<std::uint32_t>();
    }
    return in.good() ? out : announcements{};
}

announced_counts& announcements::today(wall_time now) {
    const auto day = day_of(now);
    while (!days_.empty() && days_.begin()->first <= day - days_kept) days_.erase(days_.begin());
    return days_[day];
}

void announcements::recall(std::string_view employee_id, wall_time at) {
    if (employee_id.empty() || named_.size() >= named_max) {
        named_all_ = std::max(named_all_, at);
    } else {
        named_.insert_or_assign(std::string(employee_id), at);
    }
}

void announcements::named(std::string_view employee_id, wall_time at) {
    ++events_;
    last_event_ = at;
    recall(employee_id, at);
    const auto late = lately_lost_.find(employee_id);
    if (late == lately_lost_.end()) return;
    const auto [kind, counted] = late->second;
    lately_lost_.erase(late);
    const auto day = days_.find(day_of(counted));
    if (at - counted > late_max || day == days_.end()) return;
    auto& lost = day->second.lost[static_cast<std::size_t>(kind)];
    if (lost == 0) return;
    --lost;
    ++day->second.told[static_cast<std::size_t>(kind)];
}

void announcements::served(std::span<const step> applied, wall_time at) {
    for (const auto& one : people_in(applied)) {
        ++today(at).told[static_cast<std::size_t>(one.kind)];
    }
}

std::size_t announcements::swept(std::span<const step> applied, wall_time began, wall_time since) {
    const auto before = std::exchange(last_began_, began);
    const bool judged = before != wall_time{} && since != wall_time{} && since <= before;
    std::size_t lost = 0;
    lately_lost_.clear();
    if (judged) {
        for (const auto& one : people_in(applied)) {
            const bool told = named_all_ >= before || named_.contains(one.id) ||
                              (!one.old_id.empty() && named_.contains(one.old_id));
            auto& counts = today(began);
            ++(told ? counts.told : counts.lost)[static_cast<std::size_t>(one.kind)];
            if (told) continue;
            ++lost;
            if (lately_lost_.size() < lately_lost_max) {
                lately_lost_.insert_or_assign(std::string(one.id), loss{one.kind, began});
            }
        }
    }
    // What came before this read began was for this one.
    std::erase_if(named_, [began](const auto& each) { return each.second < began; });
    if (lost != 0 && week(began).loss_rate() > tolerated_loss) {
        last_bad_ = began;
        halvings_ = std::min(halvings_ + 1, halvings_max);
    } else if (halvings_ != 0 && began - last_bad_ >= week_long) {
        halvings_ = 0;
    }
    return lost;
}

announced_counts announcements::week(wall_time now) const {
    announced_counts out;
    const auto today = day_of(now);
    for (const auto& [day, counts] : days_) {
        if (day <= today - days_kept || day > today) continue;
        for (std::size_t i = 0; i < announced_kind_count; ++i) {
            out.told[i] += counts.told[i];
            out.lost[i] += counts.lost[i];
        }
    }
    return out;
}

std::vector<announced_kind> announcements::missing(wall_time now) const {
    const auto counts = week(now);
    std::vector<announced_kind> out;
    for (std::size_t i = 0; i < announced_kind_count; ++i) {
        if (counts.lost[i] != 0 && counts.told[i] == 0) {
            out.push_back(static_cast<announced_kind>(i));
        }
    }
    return out;
}

nanoseconds announcements::wanted_interval(nanoseconds usual) const {
    if (halvings_ == 0) return usual;
    const auto halved = usual / (std::int64_t{1} << halvings_);
    return std::min(usual, std::max<nanoseconds>(halved, shortest_interval));
}

} // namespace rollcall::sync
