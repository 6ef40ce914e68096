// SctpChannels: data channels on the sctpenc and sctpdec inside webrtcbin. Internal.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/association_id.hpp"
#include "cosoup/webrtc/data_channels.hpp"
#include "cosoup/webrtc/sctp_input.hpp"
#include "cosoup/webrtc/sctp_output.hpp"

namespace cosoup {

/// webrtcbin's own channels have their ids fixed before the first negotiation, end at 64 KiB, lose
/// errors and cannot reuse an id (lib/docs/data_channels.md); only its association is used.
class SctpChannels final : public DataChannels {
 public:
  SctpChannels();
  ~SctpChannels() override;

  void setMaxMessageSize(std::size_t bytes) override;
  bool isOpen() const override { return state_->open; }
  std::shared_ptr<DataSender> open(const SctpStreamParameters& parameters) override {
    return output_.open(parameters);
  }
  void receive(std::uint16_t streamId, Receiver receiver) override;
  void ignore(std::uint16_t streamId) override;

  /// Looks at an element that was added to webrtcbin, on any thread.
  void watch(GstElement* element);
  /// Has an m=application section, and with it the association, in the next offer of webrtcbin.
  void addSection(GstElement* webrtcbin);
  /// After each description: webrtcbin would make channel objects of the streams that come.
  void detachFrom(GstElement* webrtcbin);

  /// Before the elements are stopped.
  void requestStop() {
    input_->stopReceiving();
    output_.requestStop();
  }
  /// After requestStop(), before the elements are stopped; see SctpOutput.
  Task<> settle() { return output_.settle(); }
  /// When the elements have been stopped.
  Task<> stop();

 private:
  /// One stream that the peer sends on.
  struct Incoming {
    Receiver receiver;
    bool ignored = false;
    std::vector<DataMessage> early;  // came before the receiver
  };
  struct State {
    SctpChannels* owner = nullptr;
    bool open = false;
  };

  static void onEstablished(GstElement*, gboolean established, gpointer data);
  void setEstablished(bool established);
  void on(sctp::Message& message);
  void on(sctp::Oversized& message);
  void onOverflow(std::uint16_t streamId);
  void on(sctp::StreamReset& reset);
  void on(sctp::Ended& ended);
  void deliver(std::uint16_t streamId, DataMessage message);
  void deliverEarly(std::uint16_t streamId);
  void dropEarly(Incoming& incoming);

  const MainContext context_ = MainContext::current();
  const AssociationId associationId_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  Ref<GObject> placeholder_;  // webrtcbin's own channel
  SctpOutput output_;
  std::shared_ptr<SctpInput> input_;
  std::map<std::uint16_t, Incoming> incoming_;
  std::size_t maxEarlyBytes_;
  std::size_t earlyMessages_ = 0;
  std::size_t earlyBytes_ = 0;
};

}  // namespace cosoup
