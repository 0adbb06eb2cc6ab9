#include "stac/energy/energy_model.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "stac/error.hpp"
#include "support/test_paths.hpp"

namespace stac::energy {
namespace {

std::filesystem::path write(const testing::TemporaryFolder& folder, const std::string& text) {
  const std::filesystem::path file = folder.path() / "model.json";
  std::ofstream(file) << text;
  return file;
}

TEST(EnergyModel, CarriesHorowitzsFiguresOf45NanometresEachWithItsSource) {
  const EnergyModel model = load_energy_model(testing::source_root() / "configs/energy/horowitz-45nm.json");
  EXPECT_DOUBLE_EQ(model.picojoules("f32_add"), 0.9);
  EXPECT_DOUBLE_EQ(model.picojoules("f32_multiply"), 3.7);
  EXPECT_DOUBLE_EQ(model.picojoules("f16_add"), 0.4);
  EXPECT_DOUBLE_EQ(model.picojoules("f16_multiply"), 1.1);
  EXPECT_DOUBLE_EQ(model.picojoules("int32_add"), 0.1);
  EXPECT_DOUBLE_EQ(model.picojoules("int8_multiply"), 0.2);
  for (const auto& [name, operation] : model.operations()) EXPECT_FALSE(operation.source.empty()) << name;
}

TEST(EnergyModel, RefusesAFigureWithoutASource) {
  const testing::TemporaryFolder folder;
  const auto file =
      write(folder, R"({"name":"n","title":"t","source":"s","unit":"pJ","operations":{"f32_add":{"energy":1}}})");
  EXPECT_THROW(static_cast<void>(load_energy_model(file)), Error);
}

TEST(EnergyModel, RefusesAnEnergyThatIsNotAboveZero) {
  const testing::TemporaryFolder folder;
  const auto file =
      write(folder,
            R"({"name":"n","title":"t","source":"s","unit":"pJ","operations":{"f32_add":{"energy":0,"source":"s"}}})");
  EXPECT_THROW(static_cast<void>(load_energy_model(file)), Error);
}

TEST(EnergyModel, NamesTheOperationThatItLacks) {
  const EnergyModel model("small", "Small", {{"f32_add", {1.0, "made up"}}});
  try {
    static_cast<void>(model.picojoules("f32_multiply"));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("f32_multiply"), std::string::npos);
  }
}

EnergyModel bundled(const std::string& name) {
  return load_energy_model(testing::source_root() / "configs/energy" / (name + ".json"));
}

TEST(EnergyModel, CarriesJouppisFiguresOf7Nanometres) {
  const EnergyModel model = bundled("jouppi-7nm");
  const std::map<std::string, double> figures{
      {"int8_add", 0.007},    {"int32_add", 0.03},     {"bf16_add", 0.11},       {"f16_add", 0.16},
      {"f32_add", 0.38},      {"int8_multiply", 0.07}, {"int32_multiply", 1.48}, {"bf16_multiply", 0.21},
      {"f16_multiply", 0.34}, {"f32_multiply", 1.31}};
  for (const auto& [operation, energy] : figures) EXPECT_DOUBLE_EQ(model.picojoules(operation), energy) << operation;
  EXPECT_DOUBLE_EQ(model.memory_for(1000).picojoules_per_byte, 7.5 / 8);
  EXPECT_DOUBLE_EQ(model.memory_for(1 << 20).picojoules_per_byte, 14.0 / 8);
}

TEST(EnergyModel, TakesTheSmallestMemoryThatHoldsTheData) {
  const EnergyModel model = bundled("horowitz-45nm");
  EXPECT_EQ(model.memory_for(8192).name, "SRAM 8 KB");
  EXPECT_EQ(model.memory_for(8193).name, "SRAM 32 KB");
  EXPECT_EQ(model.memory_for(1048577).name, "DRAM");
  EXPECT_DOUBLE_EQ(model.memory_for(1048577).picojoules_per_byte, 1300.0 / 8);
}

TEST(EnergyModel, MakesFiguresOfOthers) {
  const EnergyModel model = bundled("horowitz-45nm");
  EXPECT_DOUBLE_EQ(model.picojoules("int32_shift"), 0.1);
  EXPECT_DOUBLE_EQ(model.picojoules("f32_divide"), 7.1 * 3.7);
  EXPECT_DOUBLE_EQ(model.picojoules("f32_exp"), 10 * 3.7 + 10 * 0.9 + 0.1);
  EXPECT_DOUBLE_EQ(model.picojoules("f32_tanh"), model.picojoules("f32_exp") + 7.1 * 3.7 + 2 * 0.9);
}

TEST(EnergyModel, ChipsTakeWhatTheyLackFromTheirBaseAndSaySo) {
  const EnergyModel loihi = bundled("loihi"), truenorth = bundled("truenorth");
  EXPECT_TRUE(loihi.is_neuromorphic());
  EXPECT_DOUBLE_EQ(loihi.picojoules("synaptic_operation"), 23.6);
  EXPECT_DOUBLE_EQ(loihi.picojoules("neuron_update_active"), 81.0);
  EXPECT_DOUBLE_EQ(loihi.picojoules("f32_multiply"), 1.31);
  EXPECT_NE(loihi.operations().at("f32_multiply").source.find("7 nm CMOS"), std::string::npos);
  EXPECT_DOUBLE_EQ(truenorth.picojoules("synaptic_operation"), 26.0);
  EXPECT_EQ(truenorth.picojoules("spike_hop"), 0.0);
  EXPECT_NE(truenorth.operations().at("spike_hop").source.find("in 'synaptic_operation'"), std::string::npos);
  EXPECT_FALSE(bundled("jouppi-7nm").is_neuromorphic());
}

/// What loading a file with these operations and memories is refused with.
std::string refusal(const std::string& operations, const std::string& more = "") {
  const testing::TemporaryFolder folder;
  const auto file = write(
      folder, R"({"name":"n","title":"t","source":"s","unit":"pJ","operations":{)" + operations + "}" + more + "}");
  try {
    static_cast<void>(load_energy_model(file));
  } catch (const Error& error) {
    return std::string(error.what()) + " / " + error.hint();
  }
  return "";
}

TEST(EnergyModel, RefusesFiguresThatCannotBeWorkedOutByName) {
  EXPECT_NE(refusal(R"("a":{"of":{"b":1},"source":"s"})").find("'b', which has no figure"), std::string::npos);
  EXPECT_NE(refusal(R"("a":{"of":{"b":1},"source":"s"},"b":{"of":{"a":2},"source":"s"})").find("made of itself"),
            std::string::npos);
  EXPECT_NE(refusal(R"("a":{"of":{},"source":"s"})").find("'of'"), std::string::npos);
  EXPECT_NE(refusal(R"("a":{"of":{"a":-1},"source":"s"})").find("above 0"), std::string::npos);
}

TEST(EnergyModel, RefusesMemoriesOutOfOrderAndBasesThatThereAreNot) {
  const std::string one = R"("a":{"energy":1,"source":"s"})";
  EXPECT_EQ(refusal(one), "");
  EXPECT_NE(refusal(one, R"(,"memory":[{"name":"m","bytes":8,"energy":1,"word_bytes":8,"source":"s"},
                            {"name":"m","bytes":8,"energy":1,"word_bytes":8,"source":"s"}])")
                .find("memory 2"),
            std::string::npos);
  EXPECT_NE(refusal(one, R"(,"memory":[{"name":"m","bytes":8,"energy":1,"source":"s"}])").find("word_bytes"),
            std::string::npos);
  EXPECT_NE(refusal(one, R"(,"base":"abacus")").find("abacus"), std::string::npos);
  EXPECT_NE(refusal(one, R"(,"base":"loihi")").find("has a base itself"), std::string::npos);
}

TEST(EnergyModel, NamesThoseThatThereAreWhereOneIsUnknown) {
  try {
    static_cast<void>(find_energy_model("abacus"));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("horowitz-45nm, jouppi-7nm, loihi, truenorth"), std::string::npos) << error.hint();
  }
}

}  // namespace
}  // namespace stac::energy
