// What an event of a scenario is expected to have done.
#pragma once
#include "tenant_harness.hpp"
#include "toml_reader.hpp"

namespace rollcall::test {

// Compares and adds a failure to the running test for whatever differs. Takes from the event's
// table the keys that are expectations.
void check_expectations(const tenant_harness& tenant, const event_report& happened,
                        table_reader& event);

// `values = ["email set (LA-13)"]`: some of what is explained; `stopped = ["create (LA-8)"]`: all
// that did not happen. The rule may be left out.
void check_explanation(const sync::explanation& is, table_reader& event);
// `lines = ["2026-06-20 invitation 2 (LA-23)"]`: all of it.
void check_forecast(std::span<const sync::forecast_entry> is, table_reader& event);

} // namespace rollcall::test
