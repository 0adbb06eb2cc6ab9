// Check results as JUnit XML, which CI systems read: one test suite, a test case for each check.
#pragma once
#include <map>
#include <span>
#include <string>

#include "stac/eval/check_result.hpp"

namespace stac::cli {

/// <testsuites><testsuite name tests failures skipped errors time><properties/><testcase classname name time>...
/// What a check measured, its bar and its details are the text of <failure>, the reason of <skipped>, and else
/// <system-out>. Always well-formed UTF-8: bytes and characters that XML 1.0 cannot hold become U+FFFD.
/// @param properties  of the run: model, timesteps, seed
[[nodiscard]] std::string junit_xml(const std::string& suite, std::span<const eval::CheckResult> results,
                                    const std::map<std::string, std::string>& properties);

}  // namespace stac::cli
