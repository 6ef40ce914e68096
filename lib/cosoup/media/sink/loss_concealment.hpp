// What decoders do about sound that is lost. Internal to the media floor.
#pragma once

#include <gst/gst.h>

namespace cosoup {

/// Puts Frame::lost on a writable buffer, where tellLosses() finds it.
void setLost(GstBuffer* buffer, GstClockTime lost);

/// What is behind the source pad is told of what is lost before a buffer, in GAP events of missing
/// data; not of more than a second, which nobody can make up for.
void tellLosses(GstPad* pad);

/// The audio decoders that the decodebin makes will fill the gaps that they are told of, as each of
/// them can: opusdec with what the next packet repeats (in-band FEC), else by what it makes up
/// (PLC). For as long as the sender puts in FEC, opusdec is one packet behind; the last one comes
/// with the end of stream.
void concealLosses(GstElement* decodebin);

}  // namespace cosoup
