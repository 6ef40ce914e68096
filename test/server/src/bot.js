'use strict';

const MAX_MESSAGE_SIZE = 512;
const PPID_STRING = 51;

/** Answers the text messages of every peer's 'bot' data producer on one data producer of its own. */
class Bot {
  static async create(router) {
    const transport = await router.createDirectTransport({
      maxMessageSize: MAX_MESSAGE_SIZE,
      maxSendMessageSize: MAX_MESSAGE_SIZE,
      maxReceiveMessageSize: MAX_MESSAGE_SIZE,
    });
    const dataProducer = await transport.produceData({ label: 'bot' });
    return new Bot(transport, dataProducer);
  }

  #transport;

  constructor(transport, dataProducer) {
    this.#transport = transport;
    this.dataProducer = dataProducer;
  }

  /** `speaker` needs only a displayName, read anew for every message. */
  async listenTo(dataProducerId, speaker) {
    const dataConsumer = await this.#transport.consumeData({ dataProducerId });
    dataConsumer.on('message', (message, ppid) => {
      if (ppid !== PPID_STRING) return;
      this.dataProducer.send(`${speaker.displayName} said me: "${message.toString('utf8')}"`);
    });
  }
}

module.exports = { Bot };
