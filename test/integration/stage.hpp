// Stage: one who sends just what a test says, and one who receives it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "integration/decoded.hpp"
#include "integration/member.hpp"

namespace cosoup::test {

class Stage {
 public:
  explicit Stage(RoomServer& server = sharedServer());

  /// Both are in the room, nothing is sent.
  Task<> open();
  /// Both leave, and the sources end.
  Task<> close();

  /// The track of a source that plays. The stage keeps the source.
  Task<std::shared_ptr<Track>> play(std::shared_ptr<Source> source);
  /// Of one colour.
  Task<std::shared_ptr<Track>> picture(std::string pattern, int width = 320, int height = 240);
  /// Takes every bit that an encoder is given for it.
  Task<std::shared_ptr<Track>> noise() { return picture("snow"); }
  Task<std::shared_ptr<Track>> sound(std::string wave = "sine", int channels = 2);
  /// A VP8 stream of one colour that nobody here encodes.
  Task<std::shared_ptr<Track>> encodedPicture(std::string pattern);

  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);
  /// Bob's consumer of it, once it is there.
  Task<std::shared_ptr<Consumer>> consumerOf(std::shared_ptr<Producer> producer);

  /// The server's view.
  Task<Json> atServer(std::shared_ptr<Producer> producer);
  Task<Json> atServer(std::shared_ptr<Consumer> consumer);
  /// Until the server gets ever more packets of it; of the layer with that rid, or of all.
  Task<> flows(std::shared_ptr<Producer> producer, std::string rid = "");
  Task<> stands(std::shared_ptr<Producer> producer, std::string rid = "");

  ConsumeConfig consume = ConsumeConfig::discard();  ///< bob's, before open()
  Member ada;
  Member bob;

 private:
  Task<std::int64_t> packetsAtServer(std::shared_ptr<Producer> producer, std::string rid);
  Task<bool> grows(std::shared_ptr<Producer> producer, std::string rid);

  std::vector<std::shared_ptr<Source>> sources_;
};

}  // namespace cosoup::test
