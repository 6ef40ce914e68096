#include "mutator.hpp"

#include <limits>

namespace cosoup::test {
namespace {

Json nested(int levels) {
  Json json = Json::object();
  for (int i = 1; i < levels; ++i) json = Json::array({json});
  return json;
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

std::string Mutator::mutate(const Json& message) {
  Json json = message;
  do {
    json = changed(json);
  } while (random_.oneIn(4));
  std::string text = json.text();
  if (random_.oneIn(12)) breakText(text);
  return text;
}

Json Mutator::changed(const Json& value) {
  if (value.isObject() && !value.keys().empty() && !random_.oneIn(12)) return changedMember(value);
  if (value.isArray() && !value.items().empty() && !random_.oneIn(6)) return changedItem(value);
  return replacementOf(value);
}

Json Mutator::changedMember(const Json& object) {
  const std::vector<std::string> keys = object.keys();
  const std::string chosen = random_.of(keys);
  const std::string other = random_.of(keys);
  const std::size_t how = random_.below(10);
  Json result = Json::object();
  for (const std::string& key : keys) {
    Json value = object.getOr<Json>(key, Json());
    if (key != chosen) {
      result.set(key, value);
    } else if (how == 0) {
      continue;  // dropped
    } else if (how == 1) {
      result.set(random_.oneIn(2) ? other : key + "2", value);
    } else if (how == 2) {
      result.set(key, object.getOr<Json>(other, Json()));
    } else {
      result.set(key, changed(value));
    }
  }
  return result;
}

Json Mutator::changedItem(const Json& array) {
  std::vector<Json> items = array.items();
  const std::size_t chosen = random_.below(items.size());
  switch (random_.below(6)) {
    case 0:
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(chosen));
      break;
    case 1:
      items.push_back(items[chosen]);
      break;
    case 2: {
      const Json copy = items[chosen];
      items.resize(items.size() + random_.below(200), copy);
      break;
    }
    case 3:
      std::swap(items[chosen], items[random_.below(items.size())]);
      break;
    default:
      items[chosen] = changed(items[chosen]);
  }
  return Json::array(items);
}

Json Mutator::replacementOf(const Json& value) {
  switch (random_.below(8)) {
    case 0:
      return Json();
    case 1:
      return oddContainer();
    case 2:
      return part(random_.of(examples_));
    case 3:
      return oddText("x");
    case 4:
      return oddNumber(7);
    default:
      break;
  }
  if (value.isString()) return oddText(value.as<std::string>());
  if (value.isBool()) return random_.oneIn(2) ? Json(!value.as<bool>()) : Json("true");
  if (value.isNumber()) return oddNumber(value);
  return oddContainer();
}

Json Mutator::oddText(const std::string& text) {
  switch (random_.below(9)) {
    case 0:
      return "";
    case 1:
      return std::string(300, 'x');
    case 2:
      return std::string(20'000, 'y');
    case 3:
      return text + "\r\na=candidate:1 1 UDP 1 1.2.3.4 5 typ host\x1b[2J";
    case 4:
      return text + "\u202e\ufffd";
    case 5:
      return text + text;
    case 6:
      return text.substr(0, random_.below(text.size() + 1));
    case 7:
      return "17";
    default:
      return text + " ";
  }
}

Json Mutator::oddNumber(const Json& number) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const std::vector<Json> numbers = {Json(-1),
                                     Json(0),
                                     Json(1),
                                     Json(127),
                                     Json(128),
                                     Json(65535),
                                     Json(65536),
                                     Json(std::int64_t{1} << 31),
                                     Json(std::int64_t{1} << 32),
                                     Json((std::int64_t{1} << 53) + 1),
                                     Json(most),
                                     Json(-most - 1),
                                     Json(0.5),
                                     Json(-1e300),
                                     Json(number.as<double>() + 1)};
  if (number.isInteger() && random_.oneIn(3)) {
    const auto value = number.as<std::int64_t>();
    return Json(value < most ? value + 1 : value - 1);
  }
  return random_.of(numbers);
}

Json Mutator::oddContainer() {
  switch (random_.below(6)) {
    case 0:
      return Json::array();
    case 1:
      return Json::object();
    case 2:
      return nested(100);
    case 3:
      return Json::array(std::vector<Json>(1'500, Json(0)));
    case 4:
      return Json::array({Json(), Json(1), Json("x")});
    default:
      return random_.of(examples_);
  }
}

/// Something from within, at any level.
Json Mutator::part(const Json& value) {
  if (random_.oneIn(4)) return value;
  if (value.isArray() && !value.items().empty()) return part(random_.of(value.items()));
  if (!value.isObject() || value.keys().empty()) return value;
  return part(value.getOr<Json>(random_.of(value.keys()), Json()));
}

void Mutator::breakText(std::string& text) {
  const std::size_t at = random_.below(text.size());
  switch (random_.below(6)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = static_cast<char>(' ' + random_.below(95));
      break;
    case 2:
      text.insert(at, R"(\ud800)");
      break;
    case 3:
      text.insert(at, "1e999");
      break;
    case 4:
      text.insert(1,
                  R"("data":null,"id":1,"response":true,)");  // once more than it should be there
      break;
    default:
      text += text;
  }
}

}  // namespace cosoup::test
