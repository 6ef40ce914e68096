'use strict';

const { log } = require('./log');

const THRESHOLD_DBOV = -80;
const INTERVAL_MS = 800;
const MAX_SPEAKERS = 10;

const peerIdOf = (producer) => producer.appData.peerId;

/** Listens who speaks: how loud each one is, and who dominates. */
class SpeakerWatch {
  static async create(router) {
    const levels = await router.createAudioLevelObserver(
      { maxEntries: MAX_SPEAKERS, threshold: THRESHOLD_DBOV, interval: INTERVAL_MS });
    return new SpeakerWatch(levels, await router.createActiveSpeakerObserver());
  }

  #levels;
  #dominance;

  constructor(levels, dominance) {
    this.#levels = levels;
    this.#dominance = dominance;
  }

  add({ id: producerId }) {
    for (const observer of [this.#levels, this.#dominance]) {
      observer.addProducer({ producerId })
        .catch((error) => log(`not listened to ${producerId}: ${error.message}`));
    }
  }

  /** tell('volumes', [{peerId, volume}, ...]) from the loudest on, tell('silence'), tell('dominantSpeaker', {peerId}) */
  onHappening(tell) {
    this.#levels.on('volumes', (volumes) => tell('volumes',
      volumes.map(({ producer, volume }) => ({ peerId: peerIdOf(producer), volume }))));
    this.#levels.on('silence', () => tell('silence'));
    this.#dominance.on('dominantspeaker', ({ producer }) => tell('dominantSpeaker', { peerId: peerIdOf(producer) }));
  }
}

module.exports = { SpeakerWatch };
