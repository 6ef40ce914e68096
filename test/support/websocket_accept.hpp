// The server's side of a WebSocket handshake, byte by byte.
#pragma once

#include <gio/gio.h>

#include <string>

namespace cosoup::test {

/// The head of a right answer to a WebSocket handshake; whatever follows it are frames.
inline const std::string kUpgraded =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Protocol: protoo\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";

/// The base64 of the SHA-1 of a text.
inline std::string digestOf(const std::string& text) {
  GChecksum* checksum = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(checksum, reinterpret_cast<const guchar*>(text.data()),
                    static_cast<gssize>(text.size()));
  guint8 digest[20];
  gsize size = sizeof(digest);
  g_checksum_get_digest(checksum, digest, &size);
  g_checksum_free(checksum);
  char* encoded = g_base64_encode(digest, size);
  std::string result(encoded);
  g_free(encoded);
  return result;
}

/// The answer to a request with that head: {accept} becomes what RFC 6455 wants there.
inline std::string answerTo(const std::string& head, std::string answer) {
  const std::string header = "Sec-WebSocket-Key: ";
  const std::size_t at = head.find(header);
  const std::string mark = "{accept}";
  const std::size_t hole = answer.find(mark);
  if (at == std::string::npos || hole == std::string::npos) return answer;
  const std::size_t key = at + header.size();
  const std::string text =
      head.substr(key, head.find('\r', key) - key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return answer.replace(hole, mark.size(), digestOf(text));
}

}  // namespace cosoup::test
