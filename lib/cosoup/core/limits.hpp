// What others can make us keep or do, at most: every bound on what comes from a server or, through
// it, from other peers. What a mediasoup server sends is far below each of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cosoup::limits {

// ---- the WebSocket -----------------------------------------------------------------------------

/// Bytes of a message. One in a single frame that is longer is skipped; one in fragments ends the
/// connection, as libsoup's own limit does.
inline constexpr std::size_t messageBytes = std::size_t{16} << 20;
/// Bytes of a frame that is skipped. A longer one ends the connection.
inline constexpr std::uint64_t skippedBytes = std::uint64_t{256} << 20;
/// Bytes that are taken from the network before the loop serves all else.
inline constexpr std::size_t bytesPerTurn = std::size_t{16} << 10;
/// Bytes that wait to be sent. A server that does not read them is left.
inline constexpr std::size_t unsentBytes = std::size_t{4} << 20;
/// Likewise; while so many wait, pings are not answered.
inline constexpr std::size_t unsentBytesOfPongs = std::size_t{64} << 10;

// ---- JSON --------------------------------------------------------------------------------------

/// Levels of a JSON text; what is nested deeper is read as null.
inline constexpr std::size_t jsonLevels = 64;
/// Values in a JSON text; it is refused when it has more.
inline constexpr std::size_t jsonValues = 200'000;
/// Values in what a single entry of a message's lists holds, such as the device of one peer among
/// all: what begins at this level or below and has more of them is read as null.
inline constexpr std::size_t jsonValuesOfOne = 1'000;
inline constexpr std::size_t jsonLevelOfOne = 5;

// ---- what messages hold ------------------------------------------------------------------------

/// Bytes of an id; a message with a longer one is refused.
inline constexpr std::size_t idBytes = 256;
/// Bytes of a name, a label or an address; a longer one is cut.
inline constexpr std::size_t nameBytes = 256;
/// Bytes of a reason that the server gives; a longer one is cut.
inline constexpr std::size_t reasonBytes = 1'000;
/// Bytes of appData as JSON; a longer one is read as {}.
inline constexpr std::size_t appDataBytes = std::size_t{64} << 10;
/// Peers in a room.
inline constexpr std::size_t peers = 10'000;
/// Scores or volumes in a list; simulcast has 3 encodings. A longer list is cut.
inline constexpr std::size_t scores = 64;

// ---- parameters of media and transports --------------------------------------------------------

/// Items of a list and members of an object; more are refused.
inline constexpr std::size_t parameterItems = 64;
/// Bytes of a text; a longer one is refused.
inline constexpr std::size_t parameterBytes = 256;
/// Bytes of the value of a codec's parameter (sprop-parameter-sets).
inline constexpr std::size_t codecParameterBytes = 4'096;

// ---- what waits --------------------------------------------------------------------------------

/// Bytes, as they came, of the events of a signaler that wait to be read. How many there may be is
/// ProtooOptions::maxQueuedEvents.
inline constexpr std::size_t queuedSignalerBytes = std::size_t{32} << 20;
/// Consumers that are remembered so that nothing is said of them when they are closed.
inline constexpr std::size_t rememberedConsumers = 10'000;
/// Ended streams for which the app had paused, limited or asked something; the settings apply again
/// if the stream comes back. The oldest are forgotten.
inline constexpr std::size_t rememberedWishes = 1'024;

// ---- what waits for the app --------------------------------------------------------------------

// What comes beyond is lost, which is told once, until half of it has been taken. Each channel and
// each listener has a queue of its own, so that nobody loses anything because another one is slow.

/// Of all data consumers of a transport, on their way from the network; told by
/// DataConsumer::failed.
inline constexpr std::size_t arrivedMessages = 65'536;
/// Of their content.
inline constexpr std::size_t arrivedMessageBytes = std::size_t{32} << 20;

/// In a channel of DataConsumer::messages(); told by DataConsumer::failed.
inline constexpr std::size_t queuedMessages = 16'384;
/// Of their content.
inline constexpr std::size_t queuedMessageBytes = std::size_t{32} << 20;

/// In a channel of RoomEvents::channel(); told by a warning in the log.
inline constexpr std::size_t queuedEvents = 16'384;
/// Of the messages among them.
inline constexpr std::size_t queuedEventBytes = queuedMessageBytes;

/// Calls of one listener that wait for the one that runs; told by event::Failed. Of a listener that
/// decides on offers, the offers beyond are refused.
inline constexpr std::size_t queuedCalls = 4'096;
/// Of the messages that they are about.
inline constexpr std::size_t queuedCallBytes = queuedMessageBytes;

}  // namespace cosoup::limits
