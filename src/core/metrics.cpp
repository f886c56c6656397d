#include "rollcall/core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace {

prometheus::Labels to_labels(std::initializer_list<metric_label> labels) {
    prometheus::Labels out;
    for (const metric_label& l : labels) out.emplace(l.name, l.value);
    return out;
}

// prometheus-cpp throws for names that it does not allow.
template <class Make>
auto checked(Make make) {
    try {
        return make();
    } catch (const std::exception&) {
        check_failed("the metric's name, kind and labels are allowed", __FILE__, __LINE__);
    }
}

} // namespace

void counter::increment(double by) noexcept {
    if (to_ != nullptr) to_->Increment(by);
}
double counter::value() const noexcept {
    return to_ == nullptr ? 0 : to_->Value();
}

void gauge::set(double value) noexcept {
    if (to_ != nullptr) to_->Set(value);
}
void gauge::add(double by) noexcept {
    if (to_ != nullptr) to_->Increment(by);
}
double gauge::value() const noexcept {
    return to_ == nullptr ? 0 : to_->Value();
}

void histogram::observe(double value) noexcept {
    if (to_ != nullptr) to_->Observe(value);
}

metrics::metrics() : registry_(std::make_unique<prometheus::Registry>()) {}
metrics::~metrics() = default;

counter metrics::make_counter(std::string_view name, std::string_view help,
                              std::initializer_list<metric_label> labels) {
    return checked([&] {
        auto& family = prometheus::BuildCounter()
                           .Name(std::string{name})
                           .Help(std::string{help})
                           .Register(*registry_);
        return counter{family.Add(to_labels(labels))};
    });
}

gauge metrics::make_gauge(std::string_view name, std::string_view help,
                          std::initializer_list<metric_label> labels) {
    return checked([&] {
        auto& family = prometheus::BuildGauge()
                           .Name(std::string{name})
                           .Help(std::string{help})
                           .Register(*registry_);
        return gauge{family.Add(to_labels(labels))};
    });
}

histogram metrics::make_histogram(std::string_view name, std::string_view help,
                                  const std::vector<double>& bounds,
                                  std::initializer_list<metric_label> labels) {
    ROLLCALL_CHECK(std::is_sorted(bounds.begin(), bounds.end()));
    return checked([&] {
        auto& family = prometheus::BuildHistogram()
                           .Name(std::string{name})
                           .Help(std::string{help})
                           .Register(*registry_);
        return histogram{family.Add(to_labels(labels), bounds)};
    });
}

std::string metrics::render() const {
    return prometheus::TextSerializer{}.Serialize(registry_->Collect());
}

} // namespace rollcall
