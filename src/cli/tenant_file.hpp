// Tenants as code: the file of `rollcall apply`.
//
//   [defaults]                      # settings for all tenants of the file
//   time_zone = "Europe/London"
//
//   [[tenant]]
//   name = "acme"
//   profile = "learnamp"
//   api_key_file = "keys/acme"      # relative to this file; or api_key_env = "ACME_KEY"
//   company = "Acme Ltd"
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/secret.hpp"
#include "rollcall/sync/settings.hpp"
#include "text_output.hpp"

namespace rollcall::cli {

struct file_tenant {
    std::string name;
    sync::tenant_settings settings;
    secret api_key; // empty: the file names none
};

struct tenant_file {
    std::vector<file_tenant> tenants;
    std::vector<std::string> errors; // all of them, "FILE:LINE:COL: what; what is allowed", by line
    std::vector<std::string> warnings; // of the same form
};

// `path` is what errors are prefixed with, and where api_key_file is relative to.
[[nodiscard]] tenant_file parse_tenant_file(std::string text, const std::string& path,
                                            terminal& where);
// Reads the file first; that it cannot be read is the one error then.
[[nodiscard]] tenant_file read_tenant_file(const std::string& path, terminal& where);

} // namespace rollcall::cli
