// What an event of a scenario is expected to have done.
#pragma once
#include "tenant_harness.hpp"
#include "toml_reader.hpp"

namespace rollcall::test {

// Compares and adds a failure to the running test for whatever differs. Takes from the event's
// table the keys that are expectations.
void check_expectations(const tenant_harness& tenant, const event_report& happened,
                        table_reader& event);

} // namespace rollcall::test
