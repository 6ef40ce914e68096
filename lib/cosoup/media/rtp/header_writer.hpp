// HeaderWriter: what writes a header extension for which GStreamer has no element. Internal to the
// media floor.
#pragma once

#include <gst/rtp/rtp.h>

#include <memory>
#include <string>

namespace cosoup {

/// A packet on its way out of a payloader.
struct OutgoingPacket {
  const GstBuffer* frame;  ///< what the payloader has got; has the metas
  bool last;               ///< of a picture
};

/// On the payloader's streaming thread, while the payloader is locked.
class HeaderWriter {
 public:
  virtual ~HeaderWriter() = default;

  /// Bytes at most.
  virtual gsize maxSize() const = 0;
  /// Gives how many bytes it has written; 0: this packet goes without.
  virtual gsize write(const OutgoingPacket& packet, guint8* data) = 0;

  /// The writer of one extension of this payloader; null for an extension that we do not write.
  static std::unique_ptr<HeaderWriter> make(const std::string& uri, GstElement* payloader);
};

/// As an element for the payloader's "add-extension", floating.
GstRTPHeaderExtension* makeHeaderExtension(const std::string& uri,
                                           std::unique_ptr<HeaderWriter> writer);

}  // namespace cosoup
