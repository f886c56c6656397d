// Metrics for Prometheus. A metric is named once, where its owner is built, and used through a
// handle that is cheap to copy and safe from any thread.
//
// Label values come from small fixed sets (an outcome, a shard): never a tenant or a person, of
// which there are too many, and who are not for a metrics page.
#pragma once
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
} // namespace prometheus

namespace rollcall {

// Default-made handles count nothing, for code under test.
class counter {
  public:
    counter() = default;
    explicit counter(prometheus::Counter& to) noexcept : to_(&to) {}
    // `by` must not be negative.
    void increment(double by = 1) noexcept;
    [[nodiscard]] double value() const noexcept;

  private:
    prometheus::Counter* to_ = nullptr;
};

class gauge {
  public:
    gauge() = default;
    explicit gauge(prometheus::Gauge& to) noexcept : to_(&to) {}
    void set(double value) noexcept;
    void add(double by) noexcept;
    [[nodiscard]] double value() const noexcept;

  private:
    prometheus::Gauge* to_ = nullptr;
};

class histogram {
  public:
    histogram() = default;
    explicit histogram(prometheus::Histogram& to) noexcept : to_(&to) {}
    void observe(double value) noexcept;

  private:
    prometheus::Histogram* to_ = nullptr;
};

struct metric_label {
    std::string_view name;
    std::string_view value;
};

// Owns all metrics and must outlive their handles. Thread-safe.
//
// The same name and labels give the same metric. A name or label that Prometheus does not allow,
// or a name that is used for two kinds, is a bug and ends the program.
class metrics {
  public:
    metrics();
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    // Names by Prometheus' convention: rollcall_<what>_<unit>, counters ending in _total.
    [[nodiscard]] counter make_counter(std::string_view name, std::string_view help,
                                       std::initializer_list<metric_label> labels = {});
    [[nodiscard]] gauge make_gauge(std::string_view name, std::string_view help,
                                   std::initializer_list<metric_label> labels = {});
    // `bounds` are the buckets' upper bounds in ascending order, without the infinite one.
    [[nodiscard]] histogram make_histogram(std::string_view name, std::string_view help,
                                           const std::vector<double>& bounds,
                                           std::initializer_list<metric_label> labels = {});

    // All metrics in Prometheus' text format 0.0.4.
    [[nodiscard]] std::string render() const;

  private:
    std::unique_ptr<prometheus::Registry> registry_;
};

} // namespace rollcall
