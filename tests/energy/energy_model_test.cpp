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
  const auto file = write(folder, R"({"name":"n","title":"t","unit":"pJ","operations":{"f32_add":{"energy":1}}})");
  EXPECT_THROW(static_cast<void>(load_energy_model(file)), Error);
}

TEST(EnergyModel, RefusesAnEnergyThatIsNotAboveZero) {
  const testing::TemporaryFolder folder;
  const auto file =
      write(folder, R"({"name":"n","title":"t","unit":"pJ","operations":{"f32_add":{"energy":0,"source":"s"}}})");
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

}  // namespace
}  // namespace stac::energy
