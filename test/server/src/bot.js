'use strict';

const { log } = require('./log');

const MAX_MESSAGE_SIZE = 512;
const PPID_STRING = 51;

/** Answers the text messages that peers send to it on one data producer of its own. */
class Bot {
  static async create(router) {
    const transport = await router.createDirectTransport({
      maxMessageSize: MAX_MESSAGE_SIZE,
      maxSendMessageSize: MAX_MESSAGE_SIZE,
      maxReceiveMessageSize: MAX_MESSAGE_SIZE,
    });
    const dataProducer = await transport.produceData({ label: 'bot', appData: { channel: 'bot' } });
    return new Bot(transport, dataProducer);
  }

  #transport;

  constructor(transport, dataProducer) {
    this.#transport = transport;
    this.dataProducer = dataProducer;
  }

  /** `speaker` needs a displayName, read anew for every message, and a dialect. */
  async listenTo(dataProducerId, speaker) {
    const dataConsumer = await this.#transport.consumeData({ dataProducerId });
    dataConsumer.on('message', (message, ppid) => {
      if (ppid !== PPID_STRING) return;
      this.dataProducer.send(speaker.dialect.botAnswer(speaker.displayName, message.toString('utf8')));
    });
  }

  /** Says welcome to one peer only, if that is the custom, on its data consumer. */
  greet(peer) {
    const { botGreeting } = peer.dialect;
    const ear = [...peer.dataConsumers.values()]
      .find(({ dataProducerId }) => dataProducerId === this.dataProducer.id);
    if (!botGreeting || !ear) return;
    ear.send(botGreeting(peer.displayName)).catch((error) => log(`${peer.id}: not greeted: ${error.message}`));
  }
}

module.exports = { Bot };
