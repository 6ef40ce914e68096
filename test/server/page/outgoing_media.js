// What the user sends: tracks, which outlive a lost connection, and their producers, which do not.

export class OutgoingMedia {
  #act;
  #changed;
  #transport;
  #streams = new Map(); // kind -> {track, producer}

  /** `act` tells the server, `changed` is called when an answer of the getters has changed. */
  constructor({ act, changed }) {
    this.#act = act;
    this.#changed = changed;
  }

  get tracks() {
    return [...this.#streams.values()].map(({ track }) => track);
  }

  has(kind) {
    return this.#streams.has(kind);
  }

  isMuted(kind) {
    return this.has(kind) && !this.#streams.get(kind).track.enabled;
  }

  /** Produces what there is; resolves when the server has it. */
  async attach(transport) {
    this.#transport = transport;
    await Promise.all([...this.#streams.values()].map((stream) => this.#produce(stream)));
  }

  /** The transport is gone, and with it the producers. */
  detach() {
    this.#transport = undefined;
    for (const stream of this.#streams.values()) stream.producer = undefined;
  }

  /** One track of a kind; it is sent as soon as there is a transport. */
  async add(track) {
    await this.remove(track.kind);
    const stream = { track, producer: undefined };
    this.#streams.set(track.kind, stream);
    // Unplugged, or taken back in the browser's settings.
    track.addEventListener('ended', () => {
      if (this.#streams.get(track.kind) === stream) this.remove(track.kind);
    });
    this.#changed();
    await this.#produce(stream);
  }

  /** Ends the track, too: the camera's light goes out. */
  async remove(kind) {
    const stream = this.#streams.get(kind);
    if (!stream) return;
    this.#streams.delete(kind);
    stream.track.stop();
    this.#changed();
    if (stream.producer) await this.#close(stream.producer);
  }

  async setMuted(kind, muted) {
    const stream = this.#streams.get(kind);
    if (!stream) return;
    stream.track.enabled = !muted; // a producer yet to come begins like that
    this.#changed();
    const { producer } = stream;
    if (!producer) return;
    if (muted) producer.pause();
    else producer.resume();
    await this.#tellPaused(producer);
  }

  async #produce(stream) {
    if (!this.#transport) return;
    const producer = await this.#transport.produce(
      { track: stream.track, stopTracks: false, appData: { source: stream.track.kind } });
    if (this.#streams.get(stream.track.kind) !== stream) {
      await this.#close(producer); // removed meanwhile
      return;
    }
    stream.producer = producer;
    if (producer.paused) await this.#tellPaused(producer);
  }

  #tellPaused(producer) {
    return this.#act(producer.paused ? 'pauseProducer' : 'resumeProducer', { producerId: producer.id });
  }

  #close(producer) {
    producer.close();
    return this.#act('closeProducer', { producerId: producer.id });
  }
}
