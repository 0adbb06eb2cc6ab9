#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <random>

#include "io/io_test_support.hpp"
#include "stac/io/safetensors.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

using stac::testing::TemporaryFolder;
using stac::testing::test_data;
using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::MemoryFile;
using testing::read_bytes;
using testing::safetensors_bytes;
using testing::write_bytes;

struct Malformed {
  std::string bytes;
  const char* rule;         ///< what the message must say
  const char* tensor = "";  ///< and whom it must name
};

/// One f32 tensor 'w' of two elements, with its entry given.
Malformed entry(const std::string& json, const char* rule) {
  return {safetensors_bytes("{\"w\":" + json + "}", std::string(8, '\0')), rule, "'w'"};
}

Malformed header(const std::string& text, const char* rule) { return {safetensors_bytes(text), rule}; }

std::string pair_of(const std::string& a, const std::string& b, std::size_t data) {
  const auto one = [](const std::string& name, const std::string& place) {
    return "\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" + place + "}";
  };
  return safetensors_bytes("{" + one("a", a) + "," + one("b", b) + "}", std::string(data, 'x'));
}

std::vector<Malformed> malformed_lengths() {
  return {
      {"", "too short"},
      {std::string(7, '\0'), "too short"},
      {std::string(8, '\0'), "not a JSON object"},
      {std::string(8, '\xff'), "header too large"},
      {std::string("\x01\xe1\xf5\x05\0\0\0\0", 8) + "{}", "header too large"},         // 100,000,001
      {std::string("\x00\xe1\xf5\x05\0\0\0\0", 8) + "{}", "header outside the file"},  // 100,000,000
      {std::string("\x03\0\0\0\0\0\0\0", 8) + "{}", "header outside the file"},
      {"PK\x03\x04 a zip archive, as torch.save writes it", "header too large"},
  };
}

std::vector<Malformed> malformed_headers() {
  return {
      header("[]", "not a JSON object"),
      header(" {}", "not a JSON object"),
      header("\"{}\"", "not a JSON object"),
      header("\xef\xbb\xbf{}", "not a JSON object"),
      header("{", "not valid JSON"),
      header("{}{}", "not valid JSON"),
      header("{} x", "not valid JSON"),
      header("{'a':1}", "not valid JSON"),
      header("{/**/}", "not valid JSON"),
      header("{\"\xff\":1}", "not valid JSON"),
      header(std::string("{}\0junk", 7), "NUL byte"),
      header(R"({"__metadata__":1})", "'__metadata__' must be an object"),
      header(R"({"__metadata__":null})", "'__metadata__' must be an object"),
      header(R"({"__metadata__":["a"]})", "'__metadata__' must be an object"),
      header(R"({"__metadata__":{"a":1}})", "must map strings to strings"),
      header(R"({"__metadata__":{"a":{"b":"c"}}})", "must map strings to strings"),
      header(R"({"__metadata__":{"a":"1","a":"2"}})", "duplicate key 'a'"),
      header(R"({"__metadata__":{},"__metadata__":{}})", "duplicate key '__metadata__'"),
      {safetensors_bytes("{}", "x"), "data not covered"},
  };
}

std::vector<Malformed> malformed_entries() {
  return {
      entry("1", "must be an object"),
      entry("null", "must be an object"),
      entry("[]", "must be an object"),
      entry("{}", "missing field 'dtype'"),
      entry(R"({"dtype":"F32","data_offsets":[0,8]})", "missing field 'shape'"),
      entry(R"({"dtype":"F32","shape":[2]})", "missing field 'data_offsets'"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1})", "unknown field 'extra'"),
      entry(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})", "duplicate key 'dtype'"),
      entry(R"({"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]})", "duplicate key 'shape'"),
      entry(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})", "unknown dtype 'F33'"),
      entry(R"({"dtype":"f32","shape":[2],"data_offsets":[0,8]})", "unknown dtype 'f32'"),
      entry(R"({"dtype":32,"shape":[2],"data_offsets":[0,8]})", "dtype must be a string"),
      entry(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})", "shape must be an array"),
      entry(R"({"dtype":"F32","shape":["2"],"data_offsets":[0,8]})", "shape must be an array"),
      entry(R"({"dtype":"F32","shape":[[2]],"data_offsets":[0,8]})", "shape must be an array"),
      entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", "a negative number"),
      entry(R"({"dtype":"F32","shape":[-0],"data_offsets":[0,0]})", "a negative number"),
      entry(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})", "not an integer"),
      entry(R"({"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]})", "not an integer of 64 bits"),
      entry(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]})", "shape overflows"),
      entry(R"({"dtype":"F32","shape":[4611686018427387905,2],"data_offsets":[0,8]})", "shape overflows"),
      entry(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})", "shape overflows"),
      entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})", "size mismatch"),
      entry(R"({"dtype":"F32","shape":[],"data_offsets":[0,8]})", "size mismatch"),
      entry(R"({"dtype":"F32","shape":[0],"data_offsets":[0,8]})", "size mismatch"),
      entry(R"({"dtype":"F64","shape":[2],"data_offsets":[0,8]})", "size mismatch"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})", "out of order"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})", "data_offsets does not hold two numbers"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4,8]})", "data_offsets does not hold two numbers"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,-8]})", "a negative number"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":{"0":8}})", "data_offsets must be two"),
      entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,12]})", "outside the file"),
      entry(R"({"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551616]})",
            "not an integer of 64 bits"),
      entry(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})", "hole in the data"),
      {safetensors_bytes(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", std::string(8, 'x')),
       "data not covered"},
      {safetensors_bytes(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                         R"("w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                         "xx"),
       "duplicate key", "'w'"},
      {pair_of("[0,4]", "[0,4]", 4), "overlap"},
      {pair_of("[0,4]", "[2,6]", 6), "overlap", "'b'"},
      {pair_of("[4,8]", "[0,4]", 9), "data not covered"},
      {pair_of("[5,9]", "[0,4]", 9), "hole in the data", "'a'"},
  };
}

void expect_refused(const std::vector<Malformed>& cases) {
  const MemoryFile file;
  const std::filesystem::path path = file.path();
  for (const Malformed& malformed : cases) {
    write_bytes(path, malformed.bytes);
    EXPECT_THAT(error_of([&] { SafetensorsFile::open(path); }),
                AllOf(HasSubstr(path.string()), HasSubstr(malformed.rule), HasSubstr(malformed.tensor)))
        << malformed.bytes.substr(0, 200);
  }
}

TEST(MalformedSafetensors, ALengthThatCannotBeIsRefusedByName) { expect_refused(malformed_lengths()); }
TEST(MalformedSafetensors, AHeaderThatBreaksARuleIsRefusedByName) { expect_refused(malformed_headers()); }
TEST(MalformedSafetensors, ATensorThatBreaksARuleIsRefusedByItsNameAndTheRule) { expect_refused(malformed_entries()); }

TEST(MalformedSafetensors, EveryRuleHasAWellFormedNeighbourThatOpens) {
  const MemoryFile file;
  const std::filesystem::path path = file.path();
  for (const std::string& bytes :
       {safetensors_bytes("{}"), safetensors_bytes("{}   "), safetensors_bytes(R"({"__metadata__":{}})"),
        safetensors_bytes(R"({"w":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}})", std::string(8, 'x')),
        safetensors_bytes(R"({"w":{"dtype":"F32","shape":[0,4611686018427387905],"data_offsets":[0,0]}})"),
        pair_of("[4,8]", "[0,4]", 8)}) {
    write_bytes(path, bytes);
    EXPECT_EQ(error_of([&] { SafetensorsFile::open(path); }), "") << bytes;
  }
}

TEST(MalformedSafetensors, EveryCutOfAGoodFileIsRefused) {
  const MemoryFile file;
  const std::filesystem::path path = file.path();
  const std::string whole = read_bytes(test_data("io/all_dtypes.safetensors"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_bytes(path, whole.substr(0, size));
    EXPECT_NE(error_of([&] { SafetensorsFile::open(path); }), "") << size;
  }
}

TEST(MalformedSafetensors, NotARegularFileIsRefusedWithoutBlocking) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.path() / "pipe"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.path()); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.path() / "none"); }), HasSubstr("No such file"));
}

/// Reads every byte that a store offers, so that a sanitizer sees a view that leaves the file.
std::size_t touch_everything(const SafetensorsFile& file) {
  std::size_t sum = 0;
  for (const std::string& name : file.names()) {
    for (const std::byte byte : file.tensor(name).bytes) sum += std::to_integer<std::size_t>(byte);
  }
  return sum;
}

TEST(MalformedSafetensors, RandomDamageOpensOrIsRefusedAndNeverCrashes) {
  const MemoryFile file;
  const std::filesystem::path path = file.path();
  const std::string whole = read_bytes(test_data("io/all_dtypes.safetensors"));
  const std::size_t header_end = whole.size() - 285;
  const std::string alphabet = "{}[]\",:0123456789-.eE\\ \n\"dtypeshapeFIUB\xff";
  std::mt19937 random(20240807);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string damaged = whole;
    for (int change = 0; change < 3 && (change == 0 || random() % 2 == 0); ++change) {
      const std::size_t at = random() % (header_end - 8);
      switch (random() % 4) {
        case 0:
          damaged.erase(at, 1 + random() % 3);
          break;
        case 1:
          damaged.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        case 2:
          damaged[at] = static_cast<char>(random());
          break;
        default:
          damaged[at] = alphabet[random() % alphabet.size()];
      }
    }
    write_bytes(path, damaged);
    try {
      touch_everything(*SafetensorsFile::open(path));
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000);
}

/// What a child process took to refuse a file: memory in MiB, and seconds of a processor (the machine may be busy).
struct Cost {
  int status;
  long mebibytes;
  double seconds;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

Cost cost_of_refusing(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(error_of([&] { SafetensorsFile::open(path); }).empty() ? 1 : 0);
  rusage usage{};
  int status = 0;
  ::wait4(child, &status, 0, &usage);
  return {status, usage.ru_maxrss / 1024, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)};
}

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string text;
  text.reserve(bytes);
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

/// `before`, a running number, `after`: keys that differ.
std::string numbered(const std::string& before, const std::string& after, std::size_t bytes) {
  std::string text;
  text.reserve(bytes);
  for (std::size_t i = 0; text.size() + before.size() + after.size() + 12 <= bytes; ++i) {
    text += before + std::to_string(i) + after;
  }
  return text;
}

std::map<std::string, std::function<std::string()>> hostile_headers() {
  constexpr std::size_t kSize = 99'999'000;
  const std::string shape = R"({"w":{"dtype":"F32","data_offsets":[0,8],"shape":)";
  const std::string empty = R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)";
  return {
      {"nested arrays", [] { return "{\"w\":" + repeated("[", kSize); }},
      {"nested objects", [] { return "{\"w\":" + repeated("{\"a\":", kSize); }},
      {"nested shape", [=] { return shape + repeated("[", kSize); }},
      {"endless shape", [=] { return shape + "[" + repeated("1,", kSize) + "1]}}"; }},
      {"endless name", [] { return "{\"" + repeated("x", kSize); }},
      {"endless metadata", [] { return "{\"__metadata__\":{" + numbered("\"", "\":\"\",", kSize) + "\"end\":1}}"; }},
      {"endless tensors", [=] { return "{" + numbered("\"", empty, kSize) + "\"end\":1}"; }},
  };
}

TEST(MalformedSafetensors, HostileHeadersAreRefusedWithinTheTimeAndMemoryOfTheSpecification) {
  const MemoryFile file;
  const std::filesystem::path path = file.path();
  for (const auto& [what, make] : hostile_headers()) {
    write_bytes(path, safetensors_bytes(make()));
    const Cost cost = cost_of_refusing(path);
    EXPECT_EQ(cost.status, 0) << what;
    EXPECT_LT(cost.mebibytes, 1400) << what;
    EXPECT_LT(cost.seconds, 15) << what;
  }
}

}  // namespace
}  // namespace stac::io
