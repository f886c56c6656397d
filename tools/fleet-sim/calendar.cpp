#include "calendar.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "peoplehr-sim/texts.hpp"

namespace rollcall::fleet_sim {
namespace {

constexpr double normal_p99 = 2.3263478740408408;

// Knuth's product for small means; a rounded normal distribution where that would take long.
std::uint64_t draw_poisson(double mean, random_source& random) {
    if (mean > 60) {
        const auto drawn = mean + std::sqrt(mean) * sim::standard_normal(random);
        return static_cast<std::uint64_t>(std::llround(std::max(0.0, drawn)));
    }
    const double end = std::exp(-mean);
    double product = random.unit();
    std::uint64_t count = 0;
    while (product > end) {
        product *= random.unit();
        ++count;
    }
    return count;
}

} // namespace

double draw_lognormal(double median, double p99, random_source& random) {
    if (median <= 0) return 0;
    return median * std::exp(std::log(p99 / median) / normal_p99 * sim::standard_normal(random));
}

std::vector<std::uint32_t> draw_sizes(const description& of, random_source& random) {
    std::vector<std::uint32_t> out;
    for (const auto& each : of.size_list) {
        out.insert(out.end(), static_cast<std::size_t>(each.tenants),
                   static_cast<std::uint32_t>(each.employees));
    }
    while (out.size() < static_cast<std::size_t>(of.tenants)) {
        const auto drawn = draw_lognormal(of.size_median, of.size_p99, random);
        out.push_back(static_cast<std::uint32_t>(
            std::llround(std::clamp(drawn, 1.0, std::floor(of.size_max)))));
    }
    return out;
}

std::vector<bool> draw_webhooks(const description& of, random_source& random) {
    const auto tenants = static_cast<std::size_t>(of.tenants);
    std::vector<std::size_t> order(tenants);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<bool> out(tenants);
    for (std::size_t i = 0; i < of.tenants_with_webhook(); ++i) {
        std::swap(order[i], order[i + random.below(tenants - i)]);
        out[order[i]] = true;
    }
    return out;
}

calendar::calendar(const description& of, std::vector<std::uint32_t> employees,
                   std::vector<bool> webhooks, std::uint64_t seed)
    : of_(of), webhooks_(std::move(webhooks)), random_(seed) {
    double all = 0;
    for (std::size_t i = 0; i < employees.size(); ++i) {
        employees_up_to_.push_back(all += employees[i]);
        if (!webhooks_[i]) continue;
        with_webhook_.push_back(static_cast<std::uint32_t>(i));
        employees_with_webhook_ += employees[i];
    }
}

std::vector<planned> calendar::next_day() {
    const double employees = employees_up_to_.back();
    std::vector<planned> out;
    draw(out, happening::joiner, of_.joiners * employees);
    draw(out, happening::leaver, of_.leavers * employees);
    draw(out, happening::detail, of_.details * employees);
    draw(out, happening::button, of_.buttons_per_day);
    const double announced = (of_.joiners + of_.leavers + of_.details) * employees_with_webhook_ *
                             (1 - of_.webhook_loss) * (1 + of_.webhook_duplicates);
    if (!with_webhook_.empty()) {
        draw(out, happening::touch, std::max(0.0, of_.webhooks_per_day - announced));
    }
    std::ranges::sort(
        out, {}, [](const planned& each) { return std::tuple(each.at, each.what, each.tenant); });
    return out;
}

void calendar::draw(std::vector<planned>& into, happening what, double mean) {
    for (auto left = draw_poisson(mean, random_); left != 0; --left) {
        const auto at = time_of_day();
        into.push_back({at, what, somewhere(what)});
    }
}

nanoseconds calendar::time_of_day() {
    double share = random_.unit();
    std::size_t hour = 0;
    while (hour + 1 < hours_of_day && share >= of_.day[hour]) share -= of_.day[hour++];
    const auto within = static_cast<std::int64_t>(random_.below(3'600'000));
    return hours{static_cast<std::int64_t>(hour)} + milliseconds{within};
}

// A person presses the button in any tenant alike; changes come where people are.
std::uint32_t calendar::somewhere(happening what) {
    if (what == happening::button) {
        return static_cast<std::uint32_t>(random_.below(employees_up_to_.size()));
    }
    if (what == happening::touch) {
        return with_webhook_[random_.below(with_webhook_.size())];
    }
    const double place = random_.unit() * employees_up_to_.back();
    const auto found = std::ranges::upper_bound(employees_up_to_, place);
    return static_cast<std::uint32_t>(found - employees_up_to_.begin());
}

} // namespace rollcall::fleet_sim
