// An employee as PeopleHR has them, in the shape of a test: values by source field.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/people_source.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::test {

struct employee {
    std::array<std::string, sync::source_field_count> fields;
    std::uint32_t wrong_type = 0;             // bits of source_field
    std::map<std::string, std::string> extra; // by PeopleHR's key (G-14)

    [[nodiscard]] const std::string& get(sync::source_field f) const {
        return fields[static_cast<std::size_t>(f)];
    }
    employee& set(sync::source_field f, std::string value) {
        fields[static_cast<std::size_t>(f)] = std::move(value);
        return *this;
    }
    friend bool operator==(const employee&, const employee&) = default;
};

// Hands employees to a sink as the PeopleHR client would.
class employee_rows {
  public:
    explicit employee_rows(const sync::tenant_settings& settings) {
        for (const auto& each : settings.extra_fields) names_.push_back(each.source);
        values_.resize(names_.size());
    }

    void pass(const employee& from, sync::row_sink& into) {
        sync::source_row row;
        for (std::size_t i = 0; i < from.fields.size(); ++i) row.fields[i] = from.fields[i];
        row.wrong_type = from.wrong_type;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const auto found = from.extra.find(names_[i]);
            values_[i] = found == from.extra.end() ? std::string_view() : found->second;
        }
        row.extra = values_;
        into.on_row(row);
    }

  private:
    std::vector<std::string> names_;
    std::vector<std::string_view> values_;
};

} // namespace rollcall::test
