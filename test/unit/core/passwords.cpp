#include "cosoup/core/passwords.hpp"

#include "support/catch.hpp"

using cosoup::withoutPasswords;

TEST_CASE("no password of a URI is left in a text, and all else is") {
  CHECK(withoutPasswords("uri 'rtsp://me:secret@camera:554/1'") ==
        "uri 'rtsp://me:***@camera:554/1'");
  CHECK(withoutPasswords("http://u:p@q:r@host") == "http://u:***@host");
  CHECK(withoutPasswords("http://u:@h and https://a:b@[::1]:8/x@y") ==
        "http://u:***@h and https://a:***@[::1]:8/x@y");
  CHECK(withoutPasswords("rtmp://:pw@h/x") == "rtmp://:***@h/x");
  for (const char* text : {"", "http://host:80/a:b@c", "http://user@host/", "a:b@c", "x://",
                           "see http://host (user:password@example)"}) {
    INFO(text);
    CHECK(withoutPasswords(text) == text);
  }
}
