// Texts that name URIs, for people to read. Internal.
#pragma once

#include <string>

namespace cosoup {

/// The text with "***" in place of each password of a URI in it: rtsp://me:***@camera/1. Pure.
std::string withoutPasswords(const std::string& text);

}  // namespace cosoup
